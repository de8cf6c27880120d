"""Workbooks from and for strangers (Excel 导入导出): scan, read in a child, parse by declared columns, write as text."""
