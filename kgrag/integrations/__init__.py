"""Offers the library inside other frameworks; each module needs the extra its docstring names."""
