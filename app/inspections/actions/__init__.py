"""Verbs of inspections (检查办理), one file a subject."""
