"""The review desk: from a question to a search strategy, screened records, and an evidence table.

Each folder is a part that stands alone: ``screening`` (which record next, when to stop), ``boolean`` (search
strings for databases), ``project`` (the trail that holds a review), ``table`` (cells with their quotes).
"""
