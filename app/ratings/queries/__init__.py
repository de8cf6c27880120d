"""Questions about ratings (等级评定查询), one file a subject."""
