"""Tables of ratings (等级评定数据表), one file a subject."""
