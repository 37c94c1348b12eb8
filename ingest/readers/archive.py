"""Zip and tar archives: their members are unpacked one by one into a temporary folder and read by their own
readers.

Knows archives and their dangers: names that leave the folder, links, archives in archives in archives, and
members that unpack to far more than they hold. Does not know formats.
"""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.readers.base import BrokenRecord
from kgrag.errors import ReadError
from kgrag.types import Record

MAX_MEMBERS = 200_000
MAX_MEMBER_BYTES = 2 << 30
MAX_TOTAL_BYTES = 20 << 30
MAX_RATIO = 200
MAX_DEPTH = 3


class ArchiveReader:
    """Zip, tar, and tar packed with gzip, bzip2 or xz."""

    name = "archive"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the mark of zip or tar stands in the file."""
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return 0.9
        if len(head) > 262 and head[257:262] == b"ustar":
            return 0.9
        return 0.8 if head.startswith((b"BZh", b"\xfd7zXZ\x00")) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """The records of every member, in order; the path of each is ``archive!member``.

        Raises:
            ReadError: damaged, encrypted, or a bomb.
        """
        yield from _read(path, str(path), 1)


def _read(path: Path, shown: str, depth: int) -> Iterator[Record | BrokenRecord]:
    from ingest.readers.registry import reader_for

    number = 0
    with tempfile.TemporaryDirectory(prefix="kgrag-") as folder:
        for name, member in _members(path, Path(folder)):
            label = f"{shown}!{name}"
            if isinstance(member, str):
                yield BrokenRecord(Path(label), number, member)
                number += 1
                continue
            try:
                reader = reader_for(member)
                if isinstance(reader, ArchiveReader):
                    if depth >= MAX_DEPTH:
                        raise ReadError(f"{label} is an archive inside {MAX_DEPTH} others. Unpack it.")
                    yield from _read(member, label, depth + 1)
                    continue
                for item in reader.read(member):
                    yield _relabelled(item, label)
            except ReadError as error:
                yield BrokenRecord(Path(label), number, str(error).replace(str(member), label))
            finally:
                member.unlink(missing_ok=True)
            number += 1


def _relabelled(item: Record | BrokenRecord, label: str) -> Record | BrokenRecord:
    if isinstance(item, BrokenRecord):
        return replace(item, path=Path(label))
    return replace(item, source=replace(item.source, path=label))


def _members(path: Path, folder: Path) -> Iterator[tuple[str, Path | str]]:
    """(name, unpacked file or reason) of each member that is a file."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                yield from _zip_members(packed, folder, path)
        else:
            with tarfile.open(path, "r:*") as tar:
                yield from _tar_members(tar, folder, path)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        NotImplementedError,  # a way of packing that zipfile does not know
    ) as error:
        raise ReadError(f"{path.name} is a damaged archive: {error}.") from error


def _zip_members(packed: zipfile.ZipFile, folder: Path, path: Path) -> Iterator[tuple[str, Path | str]]:
    infos = [info for info in packed.infolist() if not info.is_dir()]
    _check(len(infos), sum(info.file_size for info in infos), path.stat().st_size, path)
    for place, info in enumerate(infos):
        if _hidden(info.filename):
            continue
        if info.flag_bits & 1:
            yield info.filename, f"{info.filename} is encrypted."
            continue
        if reason := _refusal(info.filename, info.file_size, info.compress_size):
            yield info.filename, reason
            continue
        try:
            with packed.open(info) as stream:
                yield info.filename, _unpack(stream, folder, place, info.filename)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            yield info.filename, f"{info.filename} is damaged: {error}."


def _tar_members(tar: tarfile.TarFile, folder: Path, path: Path) -> Iterator[tuple[str, Path | str]]:
    total = 0
    for place, info in enumerate(tar):
        if _hidden(info.name) or info.isdir():
            continue
        if not info.isfile():
            yield info.name, f"{info.name} is a link or a device; it is not followed."
            continue
        total += info.size
        _check(place, total, path.stat().st_size, path)
        if reason := _refusal(info.name, info.size, info.size):
            yield info.name, reason
        elif (stream := tar.extractfile(info)) is not None:
            yield info.name, _unpack(stream, folder, place, info.name)


def _check(n_members: int, total_bytes: int, packed_bytes: int, path: Path) -> None:
    if n_members > MAX_MEMBERS:
        raise ReadError(f"{path.name} holds more than {MAX_MEMBERS:,} members. Unpack it into a folder.")
    if total_bytes > MAX_TOTAL_BYTES or (
        total_bytes > (100 << 20) and total_bytes > MAX_RATIO * packed_bytes
    ):
        raise ReadError(
            f"{path.name} ({packed_bytes:,} bytes) unpacks to {total_bytes:,} bytes: refused as a bomb."
        )


def _refusal(name: str, size_bytes: int, packed_bytes: int) -> str | None:
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or (len(name) > 1 and name[1] == ":"):
        return f"{name} points out of the archive; it is not read."
    if size_bytes > MAX_MEMBER_BYTES or (
        size_bytes > (50 << 20) and size_bytes > MAX_RATIO * max(1, packed_bytes)
    ):
        return f"{name} unpacks from {packed_bytes:,} to {size_bytes:,} bytes: refused as a bomb."
    return None


def _hidden(name: str) -> bool:
    return any(
        part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in PurePosixPath(name).parts
    )


def _unpack(stream: IO[bytes], folder: Path, place: int, name: str) -> Path | str:
    """The member as a file named by its number, never by its name in the archive (only its extension is
    kept).
    """
    ending = "".join(sign for sign in PurePosixPath(name).suffix if sign.isalnum() or sign == ".")
    target = folder / f"{place}{ending[:12]}"
    written = 0
    with target.open("wb") as out:
        while chunk := stream.read(1 << 20):
            written += len(chunk)
            if written > MAX_MEMBER_BYTES:
                target.unlink()
                return f"{name} unpacks to more than {MAX_MEMBER_BYTES:,} bytes: refused as a bomb."
            out.write(chunk)
    return target
