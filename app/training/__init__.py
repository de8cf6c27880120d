"""Caregivers, certificates, courses, staffing ratios (培训与持证)."""
