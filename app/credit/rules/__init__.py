"""The law of credit and the dishonesty list (信用规则): pure functions; no database, web, clock or chance."""
