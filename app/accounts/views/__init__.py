"""Pages of accounts (账号页面): signing in, and administration by the security administrator."""

from app.accounts.views import admin
from app.accounts.views.sign_in import bp, cookie_name

__all__ = ["admin", "bp", "cookie_name"]
