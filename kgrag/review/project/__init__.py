"""A review as an append-only trail of what people did; everything shown is read from it."""
