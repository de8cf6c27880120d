"""Accounts (账号与岗位): people, the posts they hold, sign-in, second factor."""
