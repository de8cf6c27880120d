"""What ratings do by the calendar (评定定时任务)."""
