"""What happens to a work after it came in: its fields are edited, its file changes, it is withdrawn."""
