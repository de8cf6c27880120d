"""What happens in inspections (检查事件), one file a subject."""
