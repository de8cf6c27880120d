"""Jobs of inspections (检查定时任务), one file a subject."""
