"""Forms of accounts (账号表单): signing in, and administration."""
