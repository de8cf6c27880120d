"""Uploads from strangers (上传文件): decided by content, decoded in a child, kept only in a clean form."""

from app.core.uploads.cleaning import CleanUpload, clean
from app.core.uploads.kinds import Kind

__all__ = ["CleanUpload", "Kind", "clean"]
