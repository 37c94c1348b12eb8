"""Decides whether evidence supports a claim: selection, exact checks, encoder, stacker.

Start at ``model.DefaultVerifier``.
"""
