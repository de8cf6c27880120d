"""Pages of ratings (等级评定页面), one file a subject."""
