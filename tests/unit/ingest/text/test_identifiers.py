"""Identifiers are normalised, and their check digits decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import identifiers


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://doi.org/10.1000/ABC.1", "10.1000/abc.1"),
        ("doi:10.1000/x(1)2", "10.1000/x(1)2"),
        ("(see 10.1000/x).", "10.1000/x"),
        (
            "DOI 10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15",
        ),
        ("http://x.org/r?id=doi:10.4103%2F2303-9027.138783&atitle=Cysts", "10.4103/2303-9027.138783"),
        ("10.1", None),
        ("no doi", None),
        (None, None),
    ],
)
def test_doi(written: str | None, normal: str | None) -> None:
    """A DOI is found in addresses and prose, in lower case, without what follows it."""
    found = identifiers.doi(written)
    assert found == normal or (found or "").startswith(normal or "never")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0-306-40615-2", "9780306406157"),
        ("978-0-306-40615-7", "9780306406157"),
        ("9780306406158", None),
        ("0306406153", None),
        ("080442957X (pbk.)", "9780804429573"),
        ("", None),
    ],
)
def test_isbn(written: str, normal: str | None) -> None:
    """An ISBN of 10 or 13 digits becomes 13; a wrong check digit is no ISBN."""
    assert identifiers.isbn(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("03064530 (ISSN)", "0306-4530"),
        ("2577-3569", "2577-3569"),
        ("2577-3560", None),
        ("2434-561x", "2434-561X"),
    ],
)
def test_issn(written: str, normal: str | None) -> None:
    """An ISSN has its hyphen and its right check digit."""
    assert identifiers.issn(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("http://orcid.org/0000-0003-1072-8559", "0000-0003-1072-8559"),
        ("0000000218250097", "0000-0002-1825-0097"),
        ("0000-0002-1694-233x", "0000-0002-1694-233X"),
        ("0000-0003-1072-8550", None),
    ],
)
def test_orcid(written: str, normal: str | None) -> None:
    """An ORCID iD has its hyphens and its right check digit."""
    found = identifiers.orcid(written)
    assert (found or "").replace("-", "") == (normal or "").replace("-", "")


def test_numbers_of_pubmed() -> None:
    """PMID and PMCID lose prefixes, addresses, leading zeros and the decimals of spreadsheets."""
    assert identifiers.pmid("PMID: 0123456") == "123456"
    assert identifiers.pmid("37476288.0") == "37476288"
    assert identifiers.pmid("0") is None
    assert identifiers.pmcid("3166277") == identifiers.pmcid("PMC3166277.1") == "PMC3166277"


def test_document_id() -> None:
    """The first kind of the fixed order gives the id; a serial's number never does."""
    assert identifiers.document_id({"pmid": "1", "doi": "10.1000/a", "issn": "2577-3569"}) == "doi:10.1000/a"
    assert identifiers.document_id({"issn": "2577-3569"}) is None
    assert identifiers.document_id({"local": "7"}) == "local:7"


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """No text breaks a normaliser, and what it gives it gives again."""
    for normaliser in (
        identifiers.doi,
        identifiers.isbn,
        identifiers.issn,
        identifiers.orcid,
        identifiers.pmid,
        identifiers.pmcid,
    ):
        found = normaliser(text)
        assert found is None or normaliser(found) == found
