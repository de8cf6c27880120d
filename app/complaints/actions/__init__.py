"""Verbs of complaints (投诉举报办理): intake, the desk, questions to the home, finding, answer and call-back."""
