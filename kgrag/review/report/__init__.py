"""Reports of a set of documents: counts from the catalogue, and sentences in the papers' own words."""
