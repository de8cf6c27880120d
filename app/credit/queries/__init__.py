"""Questions about credit and the dishonesty list (信用查询), one file a subject."""
