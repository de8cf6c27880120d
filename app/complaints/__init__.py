"""Complaints (投诉举报): intake, classification into tracks with their own clocks, verification, answer, call-back."""
