"""Papers of ratings (评定文书)."""
