"""Answers planned by the form of the question: a comparison, a summary, a paper's limitations, a verdict with
its sample, a list or a topic with a line a paper, what the graph says; and by the rows of tables that hold
what is asked for.

Knows the forms and where the sentences of a plan come from. A plan is a draft like any other: each of its
sentences is judged, and where a plan has nothing, the drafts of the evidence answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kgrag.answer.answerable import can_answer
from kgrag.answer.card import Card, card_of
from kgrag.answer.compare import compared, table_of
from kgrag.answer.cues import has_cue
from kgrag.ask.graph_plan import quotes_of_graph
from kgrag.ask.loaded import Loaded
from kgrag.ask.reading import evidence_of, readable, sides_of
from kgrag.generate.extractive import ExtractiveGenerator
from kgrag.generate.fitting import defines, spells_out, telling
from kgrag.language.modality import asks
from kgrag.language.words import words
from kgrag.search.understand import understand
from kgrag.types import Claim, Document, Draft, Evidence, Filters, Hit, Section, Table, Understood

N_FINDINGS, N_PAPERS, N_ITEMS, N_A_PART, MAY_ANSWER, MAY_CAUSE = 3, 4, 20, 2, 0.4, 0.3
"""Sentences of a verdict, papers of a topic, items of a list, sentences of a part; and the parts of the best
sentence's chance from which another one stands beside it, and from which one tells the cause.
"""
PARTS = {
    "aim": ("Aim", "目的"),
    "sample": ("Sample", "样本"),
    "result": ("Results", "结果"),
    "conclusion": ("Conclusion", "结论"),
}
"""Headings of a summary in English and Chinese."""


@dataclass(frozen=True)
class Plan:
    """A draft that answers a form of question, what it does not find, and the sides of a comparison.

    Args:
        headings: of its sentences, where it is in parts.
        sure: whether the plan itself tells that the question is answered: each side or part was looked for,
            or the paper asked about is named by its title.
    """

    draft: Draft
    missing: tuple[str, ...] = ()
    sides: Sequence[Sequence[Evidence]] = field(default=())
    headings: Mapping[str, str] = field(default_factory=dict)
    sure: bool = False

    def table(self, understood: Understood, claims: Sequence[Claim]) -> Table | None:
        """The claims side by side, where things are compared."""
        return table_of(understood.form, claims, self.sides) if self.sides and claims else None

    def sections(self, claims: Sequence[Claim]) -> tuple[Section, ...]:
        """The claims under the plan's headings; none where one heading would stand over all."""
        held: dict[str, list[str]] = {}
        for claim in claims:
            held.setdefault(self.headings.get(claim.text, ""), []).append(claim.id)
        if len(held) < 2 or "" in held:
            return ()
        return tuple(Section(heading, tuple(ids)) for heading, ids in held.items())


def plan_for(
    loaded: Loaded,
    understood: Understood,
    evidence: Sequence[Evidence],
    hits: Sequence[Hit],
    filters: Filters,
) -> Plan | None:
    """The plan of the question's form; None where it has none, or nothing to say."""
    form = understood.form
    if form.others:
        sides = sides_of(loaded, understood, filters)
        draft = compared(form, sides)
        return Plan(draft, sides=sides, sure=True) if draft else None
    if form.parts:
        return _in_parts(loaded, form.parts, filters)
    if form.kind in ("said", "connected"):
        said = _plan(quotes_of_graph(loaded, understood, filters))
        return replace(said, sure=True) if said else None
    if not hits or not evidence:
        return None
    if rows := [item for item in evidence if item.passage.kind == "table"]:
        plan = _plan([("", row) for row in rows])
        return replace(plan, sure=True) if plan else None
    if has_cue("limitation", understood.text):
        card = _card(loaded, _paper_meant(understood, evidence, hits))
        return _plan([("", item) for item in card.limitations])
    if form.kind == "summary":
        return _summary(loaded, understood, evidence, hits)
    if form.verdict:
        return _verdict(loaded, evidence)
    if form.kind == "list":
        return _plan([(_cited(item.document), item) for item in _items(evidence)])
    if form.kind == "topic":
        return _plan([(_cited(item.document), item) for item in _by_paper(evidence)])
    evidence = telling(understood, evidence)
    if form.kind == "definition" and (told := _defining(form.defined, evidence)):
        return _plan([("", item) for item in told])
    if form.kind == "reason":
        return _plan([("", item) for item in _reasons(evidence)])
    return None


def _in_parts(loaded: Loaded, parts: Sequence[str], filters: Filters) -> Plan | None:
    """What answers each part; the parts without an answer are missing."""
    quotes: list[tuple[str, Evidence]] = []
    missing = []
    for part in parts:
        understood = understand(part, loaded.library, filters.hidden)
        hits = loaded.retriever.search(understood, top_k=loaded.library.settings.top_k, filters=filters)
        evidence = evidence_of(loaded, understood, readable(loaded, understood, hits, filters))
        plan = None if understood.form.parts else plan_for(loaded, understood, evidence, hits, filters)
        if (plan and plan.sure) or can_answer(understood, evidence, hits):
            drafts = [plan.draft] if plan else ExtractiveGenerator().draft(understood, evidence, 1)
            quotes += [(part, given[0]) for draft in drafts for _, given in draft.sentences[:N_A_PART]]
        else:
            missing.append(part)
    whole = _plan(quotes, missing)
    return replace(whole, sure=True) if whole else None


def _summary(
    loaded: Loaded, understood: Understood, evidence: Sequence[Evidence], hits: Sequence[Hit]
) -> Plan | None:
    """The card of the paper that is named, or of the likeliest one."""
    named = _paper_named(understood, hits)
    card = _card(loaded, named or _paper_meant(understood, evidence, hits))
    column = 1 if understood.language == "zh" else 0
    told = [(PARTS[name][column], item) for name, part in card.summary().items() for item in part]
    plan = _plan(told, card.missing())
    return replace(plan, sure=named is not None) if plan else None


def _paper_named(understood: Understood, hits: Sequence[Hit]) -> Document | None:
    """The paper that stands and whose whole title is in the question, with all of what it asks about."""
    asked, thing = f" {' '.join(words(understood.text))} ", set(words(understood.form.thing))
    for paper in (hit.document for hit in hits if hit.document.retracted is None):
        title = words(paper.record.title or "")
        if thing and thing <= set(title) and f" {' '.join(title)} " in asked:
            return paper
    return None


def _items(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What the likeliest papers say, as for a topic, and of each further paper the likeliest sentence that
    may name an item of the list.
    """
    likely = _likeliest(evidence)
    items = {(item.passage.id, item.start): item for item in _by_paper(evidence)}
    papers = {item.document.id for item in items.values()}
    for item in likely:
        names = item.role != "question" and not has_cue("cited", item.quote)
        if names and item.chance >= MAY_ANSWER * likely[0].chance and item.document.id not in papers:
            papers.add(item.document.id)
            items[item.passage.id, item.start] = item
    return list(items.values())[:N_ITEMS]


def _by_paper(evidence: Sequence[Evidence]) -> list[Evidence]:
    """For each of the likeliest papers what it concludes and what it found, as far as these may answer;
    papers in the order of their likeliest quote.
    """
    likely = _likeliest(evidence)
    near = [item for item in likely if item.chance >= MAY_ANSWER * likely[0].chance and _is_finding(item)]
    papers: dict[str, list[Evidence]] = {}
    for item in near:
        papers.setdefault(item.document.id, []).append(item)
    lines = []
    for quotes in list(papers.values())[:N_PAPERS]:
        lines += [
            *[item for item in quotes if _concludes(item)][:1],
            *[i for i in quotes if not _concludes(i)][:1],
        ]
    return lines


def _reasons(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The likely sentences that tell a cause, then the likeliest of their papers; nothing where none tells
    one.
    """
    likely = _likeliest(evidence)
    near = [item for item in likely if item.chance >= MAY_ANSWER * likely[0].chance]
    told = [item for item in likely if item.chance >= MAY_CAUSE * likely[0].chance]
    causes = [item for item in told if has_cue("cause", item.quote)][:N_A_PART]
    papers = {item.document.id for item in causes}
    return [*causes, *[i for i in near if i.document.id in papers and i not in causes][:N_A_PART]]


def _defining(thing: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentence that defines the thing or gives its long name, then the likeliest ones of its paper;
    nothing where none does.
    """
    likely = _likeliest(evidence)
    first = next((item for item in likely if defines(thing, item.quote)), None)
    first = first or next((item for item in likely if spells_out(thing, item.quote)), None)
    if first is None:
        return []
    near = [item for item in likely if item.chance >= MAY_ANSWER * likely[0].chance]
    return [first, *[i for i in near if i.document.id == first.document.id and i is not first][:N_A_PART]]


def _concludes(item: Evidence) -> bool:
    return item.role == "conclusion" or has_cue("conclusion", item.quote)


def _verdict(loaded: Loaded, evidence: Sequence[Evidence]) -> Plan | None:
    """The likeliest findings, and how many were studied where the paper of the first says it."""
    findings = [item for item in _likeliest(evidence) if _is_finding(item)][:N_FINDINGS]
    if not findings:
        return None
    sample = _card(loaded, findings[0].document).sample
    return _plan([("", item) for item in (*findings, *sample)])


def _is_finding(item: Evidence) -> bool:
    if item.role is not None:
        return item.role in ("result", "conclusion")
    found = has_cue("result", item.quote) or has_cue("conclusion", item.quote)
    return found and not has_cue("cited", item.quote) and not asks(item.quote)


def _paper_meant(understood: Understood, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> Document:
    """The paper that a question about one paper means: of the likeliest quote."""
    return _likeliest(evidence)[0].document if evidence else hits[0].document


def _likeliest(evidence: Sequence[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda item: (-item.chance, -item.score))


def _card(loaded: Loaded, document: Document) -> Card:
    catalogue = loaded.library.catalogue
    passages = catalogue.passages_of(document.id)
    keys = catalogue.passage_keys([passage.id for passage in passages])
    return card_of(document, passages, catalogue.objects_of(keys.values()))


def _cited(document: Document) -> str:
    """A paper in a heading: its first author's name and year, else its title."""
    record = document.record
    names = [maker.family or maker.name for maker in record.makers]
    if not names or record.year is None:
        return document.title or document.id
    return f"{names[0]}{' et al.' if len(names) > 1 else ''} {record.year}: {document.title or document.id}"


def _plan(quotes: Sequence[tuple[str, Evidence]], missing: Sequence[str] = ()) -> Plan | None:
    """A plan of quotes, each under its heading (empty: none); a quote stands once."""
    once: dict[str, tuple[str, Evidence]] = {}
    for heading, item in quotes:
        once.setdefault(item.quote.strip(), (heading, item))
    if not once:
        return None
    sentences = tuple((quote, (item,)) for quote, (_, item) in once.items())
    headings = {quote: heading for quote, (heading, _) in once.items() if heading}
    return Plan(Draft(sentences, ExtractiveGenerator.identity), tuple(missing), headings=headings)
