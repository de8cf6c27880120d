"""Verbs of credit and the dishonesty list (信用办理), one file a subject."""
