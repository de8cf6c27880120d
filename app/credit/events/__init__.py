"""What happens in credit and on the dishonesty list (信用事件), one file a subject."""
