"""Regions (行政区划), authorities (主管机关) and their policy packs (政策包)."""
