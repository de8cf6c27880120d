"""Questions about inspections (检查查询), one file a subject."""
