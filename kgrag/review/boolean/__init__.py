"""Boolean search strategies: read, checked, printed for each database, counted, built from seed papers."""
