"""Verbs of ratings (等级评定办理), one file a subject."""
