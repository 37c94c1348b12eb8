"""Reads in which direction a trial's outcome went: more, less, or no difference, and where it is said."""
