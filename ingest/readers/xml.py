"""XML for all XML readers: streaming, without network, external files or entity bombs; text of mixed content.

Knows lxml and its dangers. Does not know any vocabulary of elements.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from ingest.readers.base import head_of, open_binary
from ingest.text.clean import clean
from kgrag.errors import ReadError

Element = Any
_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s*)?\S+\s+(?:SYSTEM|PUBLIC)\b", re.I)
_ANY_ENTITY = re.compile(rb"<!ENTITY\s", re.I)
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
MAX_ENTITIES = 2000


def check_safe(path: Path) -> None:
    """Refuse a document type that declares entities pointing to files or addresses, or a flood of entities.

    Raises:
        ReadError: with the reason.
    """
    head = head_of(path, 1 << 20)
    for text in (head, head.replace(b"\x00", b"")):
        if _ENTITY.search(text):
            raise ReadError(
                f"{path.name} declares XML entities that point to other files or addresses. They are never"
                " read; remove them from the file."
            )
        if len(_ANY_ENTITY.findall(text)) > MAX_ENTITIES or re.search(
            rb'<!ENTITY\s+\S+\s+["\'][^"\'&]*(?:&\w+;[^"\'&]*){4}', text
        ):
            raise ReadError(
                f"{path.name} declares XML entities that unfold into each other (an entity bomb)."
            )


def root_name(head: str) -> str:
    """The local name of the document element, from the head of a file; empty where there is none."""
    if not head.lstrip().startswith("<"):
        return ""
    bare = re.sub(r"<!--.*?-->", "", head, flags=re.S)
    bare = re.sub(r"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", "", bare, count=1, flags=re.S)
    found = _ROOT.search(bare)
    return found.group(1) if found else ""


def stream(path: Path, *names: str) -> Iterator[Element]:
    """Each element with one of the local names, complete, in order; emptied after it was used.

    An element inside another of the names is not given separately.

    Raises:
        ReadError: not well-formed, or unsafe.
    """
    from lxml import etree

    check_safe(path)
    depth = 0
    wanted = [f"{{*}}{name}" for name in names]
    with open_binary(path) as raw:
        try:
            events = etree.iterparse(
                raw,
                events=("start", "end"),
                tag=wanted,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_pis=True,
                remove_comments=True,
            )
            for event, element in events:
                depth += 1 if event == "start" else -1
                if event == "end" and depth == 0:
                    yield element
                    _forget(element)
        except etree.XMLSyntaxError as error:
            raise ReadError(f"{path.name} is not well-formed XML: {error.msg}.") from error
        except (OSError, EOFError, zlib.error) as error:
            raise ReadError(f"{path.name} is damaged: {error}.") from error


def _forget(element: Element) -> None:
    tail_free = element.getparent()
    element.clear()
    if tail_free is not None:
        while element.getprevious() is not None:
            del tail_free[0]


def local(element: Element) -> str:
    """The element's name without its namespace; empty for comments, instructions and entities."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2]


def raw_text(element: Element, without: Container[str] = ()) -> str:
    """All text inside the element in order, leaving out the elements named in ``without`` (their tails
    stay).
    """
    parts: list[str] = []
    _collect(element, without, parts)
    return "".join(parts)


def _collect(element: Element, without: Container[str], parts: list[str]) -> None:
    if element.text and isinstance(element.tag, str):
        parts.append(element.text)
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            if tag.rpartition("}")[2] not in without:
                _collect(child, without, parts)
        elif child.__class__.__name__ == "_Entity":
            parts.append(html.unescape(child.text or ""))
        if child.tail:
            parts.append(child.tail)


def text_of(element: Element | None, without: Container[str] = ()) -> str:
    """The clean text of the element; empty where there is no element."""
    return "" if element is None else clean(raw_text(element, without))


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant along a path of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next((item for item in element if local(item) == name), None)
    return element


def children(element: Element | None, name: str) -> list[Element]:
    """The direct children with the local name."""
    return [] if element is None else [item for item in element if local(item) == name]


def descendants(element: Element | None, *names: str) -> Iterator[Element]:
    """All descendants with one of the local names, in document order."""
    return iter(()) if element is None else element.iter(*(f"{{*}}{name}" for name in names))


def attribute(element: Element, name: str) -> str | None:
    """The value of the attribute with the local name, whatever its namespace, or None."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
