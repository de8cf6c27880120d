"""Documents on paper (文书): facts in, an archivable, accessible, signed PDF out. Knows no domain."""
