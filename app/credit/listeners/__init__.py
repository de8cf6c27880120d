"""What credit does on news (信用模块的事件响应), one file a subject."""
