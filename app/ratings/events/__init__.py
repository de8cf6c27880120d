"""Events of ratings (等级评定事件), one file a subject."""
