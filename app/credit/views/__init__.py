"""Pages of credit and the dishonesty list (信用页面), one file a subject."""
