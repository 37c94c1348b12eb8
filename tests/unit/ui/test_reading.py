"""The reading room's own pages: sets, evidence tables, citations, the language; what a browser is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest
from fastapi.testclient import TestClient

from kgrag.export import FORMATS
from kgrag.export.evidence_table import sample
from kgrag.export.names import disposition, plain_name
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from ui.app import create_base
from ui.html import exports, sources
from ui.html.check import deciding
from ui.pages.ranking import differ
from ui.service.service import Service

D1, D2 = "doi:10.1000/0.1", "doi:10.1000/0.2"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A library of four small papers, reached as at its own machine."""
    folder = tmp_path_factory.mktemp("reading") / "library"
    settings = Settings(library=folder, embedder="hash")
    with Library(settings, create=True) as library:
        for number in range(4):
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    service = Service(settings)
    with TestClient(create_base(service), base_url="http://127.0.0.1") as made:
        yield made
    service.close()


def kept(client: TestClient, *items: str) -> str:
    """A new set with things in it."""
    sent = client.post("/reading/sets", json={"name": "Radium & co", "items": list(items)})
    return str(sent.json()["id"])


def page(client: TestClient, path: str, **options: Any) -> Any:
    """A page, parsed."""
    found = client.get(path, **options)
    assert found.status_code == 200
    return lxml.html.fromstring(found.text)


def test_a_set_has_a_page_with_a_note_and_a_way_out(client: TestClient) -> None:
    """Its items lead to their papers; a note is kept, an item taken out, the set deleted; forms without their
    token do nothing.
    """
    made = kept(client, D1, D2)
    shown = page(client, f"/sets/{made}")
    assert shown.xpath("//h1/text()") == ["Radium & co"]
    assert shown.xpath("//li//h2/a/@href") == ["/?paper=doi%3A10.1000%2F0.1", "/?paper=doi%3A10.1000%2F0.2"]
    form = shown.xpath("//form[contains(@action, '/items/')]")[0]
    token = form.xpath(".//input[@name='csrf']/@value")[0]
    assert client.post(form.get("action"), data={"note": "x", "do": "note"}).status_code == 403
    for do in ("note", "remove"):
        sent = client.post(form.get("action"), data={"csrf": token, "note": "mine <b>", "do": do})
        assert sent.status_code == 200
    assert len(page(client, f"/sets/{made}").xpath("//li//h2")) == 1
    client.post(f"/sets/{made}/delete", data={"csrf": token})
    assert client.get(f"/sets/{made}").status_code == 404


def test_works_are_cited_and_exported(client: TestClient) -> None:
    """By ticks or by a set, in a style, in one go, and as a table; the file bears the set's name."""
    assert client.get("/reading/cite", params={"document": [D1, D2], "style": "apa"}).text.count("\n") == 2
    assert client.get("/reading/cite", params={"document": [D1], "style": "no"}).status_code == 400
    assert client.get("/reading/export/ris", params={"document": [D1, D2]}).text.count("TY  -") == 2
    assert client.get("/reading/export/zip", params={"document": [D1]}).content[:2] == b"PK"
    made = kept(client, D1)
    sent = client.get(f"/sets/{made}/export/zip")
    assert 'filename="Radium-co.zip"' in sent.headers["content-disposition"]
    table = page(client, f"/sets/{made}/table")
    assert len(table.xpath("//tbody/tr")) == 1
    assert client.get(f"/sets/{made}/table.csv").text.startswith("\ufeffpaper,finding")
    assert client.get(f"/sets/{made}/table.docx").content[:2] == b"PK"


def test_an_answer_is_copied_with_its_references(client: TestClient) -> None:
    """Sentences with numbers, the works, and the address; its page names works and cites them."""
    answer = client.post("/api/v1/ask", json={"question": "What does paper 2 say of radium?"}).json()
    text = client.get(f"/reading/copy/{answer['id']}", params={"style": "plain"}).text
    assert f"/answers/{answer['id']}" in text
    if answer["claims"]:
        assert "[1]" in text
        shown = page(client, f"/answers/{answer['id']}")
        assert shown.xpath("//*[@data-kg='cite']")
    assert client.get("/reading/copy/a-none").status_code == 404


def test_the_language_follows_the_browser_and_is_remembered(client: TestClient) -> None:
    """By what the browser asks for, until somebody chooses; only to a page of this service."""
    chinese = {"accept-language": "zh-CN,zh;q=0.9"}
    assert page(client, "/help", headers=chinese).get("lang") == "zh-Hans"
    assert page(client, "/sets").get("lang") == "en"
    sent = client.get("/reading/language/zh", params={"to": "/sets"}, follow_redirects=False)
    assert sent.headers["location"] == "/sets"
    assert page(client, "/sets").get("lang") == "zh-Hans"
    assert page(client, "/admin").get("lang") == "zh-Hans"
    away = client.get("/reading/language/en", params={"to": "//example.org"}, follow_redirects=False)
    assert away.headers["location"] == "/"


def test_every_format_stands_in_one_group() -> None:
    """A new format has its place in the menu, and a word."""
    listed = [name for _, names in exports.GROUPS for name in names]
    assert sorted(listed) == sorted(FORMATS)
    assert all(exports.named(name, "zh") for name in listed)


def test_works_are_named_as_people_name_them() -> None:
    """First author and year, a letter where two are alike; Chinese names whole; else the title."""

    def work(id: str, family: str | None, given: str = "A", title: str = "On radium") -> Any:
        authors = [{"family": family, "given": given}] if family else []
        return {"id": id, "authors": authors, "year": 2013, "title": title}

    works = [work("a", "Oliver"), work("b", "Oliver"), work("c", "张", "三"), work("d", None)]
    names = sources.short_names(works)
    assert names == {"a": "Oliver 2013a", "b": "Oliver 2013b", "c": "张三 2013", "d": "On radium 2013"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("XMRV was not detected in 186 patients with chronic fatigue syndrome, of whom", "186"),
        ("Of 2,518 acute stroke patients, most", "2,518"),
        ("The mean was higher (n = 42).", "42"),
        ("本研究纳入117例患者。", "117"),
        ("In 2009 it was reported that they differ.", None),
        ("It rose by 12 percent.", None),
        ("Databases were searched up to March 2019 for studies that compare.", None),
    ],
)
def test_a_sample_is_read_from_its_sentence(text: str, told: str | None) -> None:
    """A number with those it counts; years and shares are none."""
    found = sample(text)
    assert (found[0] if found else None) == told


def test_files_are_named_after_what_they_are() -> None:
    """Letters of any script; no sign that a file system refuses; a name in plain letters beside it."""
    assert plain_name("Oliver 2013: Thresher/sharks?") == "Oliver-2013-Thresher-sharks"
    assert "filename*=UTF-8''%E5%BC%A0" in disposition("张三 2013", ".ris")["Content-Disposition"]
    assert 'filename="2013.ris"' in disposition("张三 2013", ".ris")["Content-Disposition"]


def test_an_admin_manages_holdings(client: TestClient) -> None:
    """A record is found by its title, corrected, and deleted; a decision on a pair is taken back; a file of
    notices marks what it names.
    """
    shown = page(client, "/admin/holdings", params={"find": "10.1000/0.3"})
    title = shown.xpath("//h3/a/text()")[0]
    token = shown.xpath("//input[@name='csrf']/@value")[0]

    def send(act: str, files: Any = None, **data: str) -> Any:
        sent = client.post(f"/admin/holdings/{act}", data={"csrf": token, **data}, files=files)
        return lxml.html.fromstring(sent.text)

    d3 = "doi:10.1000/0.3"
    send("correct", document=d3, field="title", value=f"{title} again")
    assert page(client, "/admin/holdings?find=again").xpath("//h3/a/text()") == [f"{title} again"]
    send("decide", first=D1, second=D2, do="different")
    assert page(client, "/admin/holdings").xpath("//form[contains(@action, '/undo/')]/@action")
    send(page(client, "/admin/holdings").xpath("//form[contains(@action, 'undo')]/@action")[0][16:])
    assert not page(client, "/admin/holdings").xpath("//form[contains(@action, '/undo/')]")
    rows = "RetractionNature,OriginalPaperDOI,RetractionDate,Reason\nRetraction,10.1000/0.2,1/1/2020 0:00,x\n"
    said = send("notices", files={"file": ("watch.csv", rows.encode(), "text/csv")})
    assert said.xpath("//*[@role='status' or @role='alert']")
    send("delete", document=d3)
    assert not page(client, "/admin/holdings", params={"find": "again"}).xpath("//h3/a")


def test_only_answers_that_differ_are_ranked() -> None:
    """Two of which one holds the other leave nothing to prefer; each with a sentence of its own do."""

    def answer(*texts: str) -> Any:
        return {"candidates": [{"text": text} for text in texts]}

    assert not differ(answer("It rose by 0.5. It fell.", "It rose by 0.5."))
    assert differ(answer("It rose by 0.5. It fell.", "It rose by 0.5. It stayed."))


def test_deciding_words_are_marked() -> None:
    """Figures, negations and opposites in both sentences; other words are not."""
    claim, quote = "It has about 16,000 chromosomes and not fewer.", "More than 9 of 10 do."
    assert [claim[a:b] for a, b in deciding(claim, [quote])] == ["16,000", "not", "fewer"]
    assert deciding("It was higher.", ["It was lower."]) == [(7, 13)]
