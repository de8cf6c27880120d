"""Forms of credit and the dishonesty list (信用表单), one file a subject."""
