"""Jobs of credit and the dishonesty list (信用定时任务), one file a subject."""
