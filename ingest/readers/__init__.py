"""Readers: one module a format, found by what is in a file.

``read_file`` reads one file, ``walk`` finds files.
"""

from __future__ import annotations

from ingest.readers.base import BrokenRecord, FileReader
from ingest.readers.registry import read_file, reader_for, readers
from ingest.readers.walk import walk

__all__ = ["BrokenRecord", "FileReader", "read_file", "reader_for", "readers", "walk"]
