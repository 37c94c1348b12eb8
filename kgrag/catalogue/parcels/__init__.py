"""What enters and leaves the catalogue with a document: its rows, its collections, its standing."""
