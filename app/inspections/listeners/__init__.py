"""What inspections do on news (检查模块的事件响应), one file a subject."""
