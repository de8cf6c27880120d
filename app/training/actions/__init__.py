"""Verbs of staff and training (人员、证书、培训办理), one file a subject."""
