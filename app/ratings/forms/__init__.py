"""Forms of ratings (等级评定表单), one file a subject."""
