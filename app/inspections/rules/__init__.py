"""The law of inspections (检查规则): pure functions; no database, web, clock or chance."""
