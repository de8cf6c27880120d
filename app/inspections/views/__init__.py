"""Pages of inspections (检查页面), one file a subject."""
