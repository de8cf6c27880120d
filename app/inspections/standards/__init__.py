"""Checklists and deadlines as dated data (检查表与期限数据): one YAML file an edition; see app.core.standards."""
