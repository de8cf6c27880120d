"""Uploads from strangers (上传文件): decided by content, decoded in a child, kept only in a clean form."""

from app.core.uploads.cleaning import CleanFile, CleanUpload, clean, clean_file
from app.core.uploads.kinds import Kind

__all__ = ["CleanFile", "CleanUpload", "Kind", "clean", "clean_file"]
