"""Evidence tables: a row a study, a column a question, each cell a value with the exact words that say it."""
