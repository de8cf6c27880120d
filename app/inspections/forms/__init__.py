"""Forms of inspections (检查表单), one file a subject."""
