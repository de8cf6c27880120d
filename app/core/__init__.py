"""Ground floor (基础): knows no domain."""
