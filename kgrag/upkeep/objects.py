"""Keeps files in object storage: ``s3://bucket/name`` or ``file:///folder/name``.

Knows addresses and obstore. Credentials come from the environment alone (``AWS_ACCESS_KEY_ID``,
``AWS_ENDPOINT_URL`` …). Files go and come in parts: nothing is held whole, and a part that fails is tried
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from kgrag.errors import MissingExtra, NotFound, ServiceUnavailable, UsageError
from kgrag.system.files import private

SCHEMES = ("s3://", "file://")
PART_BYTES = 8 << 20
TIMEOUT_S = 60
RETRIES = 10


def is_address(text: str) -> bool:
    """Whether a target is an address and no path.

    Raises:
        UsageError: an address of another kind.
    """
    if "://" not in text:
        return False
    if not text.startswith(SCHEMES) or text.endswith("/"):
        raise UsageError(
            f"{text} names no file in object storage (form: s3://BUCKET/NAME, file:///FOLDER/NAME)."
        )
    return True


def send(path: Path, address: str) -> None:
    """Put a file where the address says.

    Raises:
        UsageError: something is there already: nothing is overwritten.
        ServiceUnavailable: the storage does not answer, or refuses.
    """
    with _storage(address) as (obstore, store, name):
        if _is_there(obstore, store, name):
            raise UsageError(f"{address} exists; a backup overwrites nothing. Give another name.")
        with path.open("rb") as stream:
            obstore.put(store, name, stream, use_multipart=True, chunk_size=PART_BYTES)


def fetch(address: str, path: Path) -> None:
    """Bring what the address names into a new file, for this account alone.

    Raises:
        NotFound: nothing is there.
        ServiceUnavailable: the storage does not answer, or refuses.
    """
    with _storage(address) as (obstore, store, name):
        if not _is_there(obstore, store, name):
            raise NotFound(f"Nothing at {address}. Make one: kgrag backup {address}")
        with open(path, "xb", opener=private) as stream:
            for part in obstore.get(store, name).stream(min_chunk_size=PART_BYTES):
                stream.write(part)


@contextmanager
def _storage(address: str) -> Iterator[tuple[Any, Any, str]]:
    """obstore, the store that holds the file, and the file's name in it."""
    try:
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError as error:
        raise MissingExtra("Object storage", "objects") from error
    place, _, name = address.rpartition("/")
    try:
        if place.startswith("file://"):
            store = from_url(place)
        else:
            store = from_url(
                place,
                client_options={"timeout": timedelta(seconds=TIMEOUT_S), "allow_http": True},
                retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=TIMEOUT_S)},
            )
        yield obstore, store, name
    except (BaseError, OSError) as error:
        raise ServiceUnavailable(
            f"The storage at {place} does not answer as it should ({str(error).splitlines()[0][:200]})."
            " Nothing was lost; give the command again, or correct the address and AWS_* variables."
        ) from error


def _is_there(obstore: Any, store: Any, name: str) -> bool:
    try:
        obstore.head(store, name)
    except FileNotFoundError:
        return False
    return True
