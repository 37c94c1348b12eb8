"""Harvests records over OAI-PMH into files, page by page; stopped at any moment, it goes on where it was.

Knows the protocol (Open Archives Initiative, version 2.0). Does not know records: each page is kept as it
came and read by the readers.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit

from ingest.readers.xml import descendants, text_of
from kgrag.errors import ReadError, ServiceUnavailable, UsageError
from kgrag.system.files import write_whole
from kgrag.system.network import opened

MAX_PAGE_BYTES = 256 << 20
MAX_TRIES = 5
TIMEOUT_S = 60.0


def harvest(
    url: str,
    folder: Path,
    since: str | None = None,
    prefix: str = "oai_dc",
    set_name: str | None = None,
    wait_s: float = 1.0,
) -> Iterator[Path]:
    """The pages of a source as files, each written whole before the next is asked for.

    Args:
        url: the source's base address (http or https).
        folder: where pages and the state of the harvest are kept; an unfinished harvest of the same source
            goes on.
        since: ISO date from which records changed, or None for all.
        prefix: metadata format (``oai_dc``, ``marc21``, ``marcxml`` …).
        set_name: one set of the source, or None.
        wait_s: pause before a request that failed is tried again; doubled each time.

    Returns:
        The paths of the pages, in order.

    Raises:
        UsageError: no address of http or https, or no ISO date.
        ReadError: the source answers with an error of the protocol.
        ServiceUnavailable: it does not answer.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(
            f"{url!r} is no address of a source. Give its base address, for example https://example.org/oai."
        )
    if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?", since):
        raise UsageError(f"{since!r} is no date. Write it as 2026-01-31.")
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"url": url, "since": since, "prefix": prefix, "set": set_name}
    state = _load(folder, asked)
    while state["token"] != "":
        yield _page(url, folder, asked, state, wait_s)


def _load(folder: Path, asked: Mapping[str, str | None]) -> dict[str, object]:
    """The state of an unfinished harvest of the same question, or a new one."""
    path = folder / "harvest.json"
    if path.exists():
        kept = json.loads(path.read_text("utf-8"))
        if kept.get("asked") == asked and kept.get("token") != "":
            return {"token": kept["token"], "page": kept["page"]}
    return {"token": None, "page": 0}


def _page(
    url: str, folder: Path, asked: Mapping[str, str | None], state: dict[str, object], wait_s: float
) -> Path:
    content = _fetch(f"{url}?{urlencode(_question(asked, state['token']))}", wait_s)
    token = _token(content, url)
    number = int(str(state["page"])) + 1
    path = folder / f"page-{number:06d}.xml"
    write_whole(path, content)
    state.update(token=token, page=number)
    write_whole(folder / "harvest.json", json.dumps({"asked": asked, **state}).encode())
    return path


def _question(asked: Mapping[str, str | None], token: object) -> dict[str, str]:
    if token:
        return {"verb": "ListRecords", "resumptionToken": str(token)}
    parts = {
        "verb": "ListRecords",
        "metadataPrefix": asked["prefix"],
        "from": asked["since"],
        "set": asked["set"],
    }
    return {key: value for key, value in parts.items() if value}


def _fetch(address: str, wait_s: float) -> bytes:
    for turn in range(MAX_TRIES):
        try:
            with opened(address, TIMEOUT_S) as answer:
                return bytes(answer.read(MAX_PAGE_BYTES))
        except HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504) or turn == MAX_TRIES - 1:
                raise ServiceUnavailable(f"{address} answers {error.code} {error.reason}.") from error
            asked_s = error.headers.get("Retry-After", "")
            time.sleep(min(float(asked_s), 600) if asked_s.isdecimal() else wait_s * 2**turn)
        except (URLError, TimeoutError, ConnectionError) as error:
            if turn == MAX_TRIES - 1:
                raise ServiceUnavailable(f"{address} does not answer: {error}.") from error
            time.sleep(wait_s * 2**turn)
    raise ServiceUnavailable(f"{address} does not answer.")


def _token(content: bytes, url: str) -> str:
    """The token for the next page; empty at the end."""
    from lxml import etree

    if re.search(rb"<!ENTITY\s", content[:65536]):
        raise ReadError(f"{url} answers with XML entities. They are never read.")
    try:
        root = etree.fromstring(
            content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
    except etree.XMLSyntaxError as error:
        raise ReadError(f"{url} answers with XML that is not well-formed: {error.msg}.") from error
    failed = next(descendants(root, "error"), None)
    if failed is not None and failed.get("code") != "noRecordsMatch":
        raise ReadError(f"{url} answers: {failed.get('code')}: {text_of(failed)}")
    return text_of(next(descendants(root, "resumptionToken"), None))
