"""Pages of staff and training (人员与培训页面)."""
