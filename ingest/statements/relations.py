"""Finds relations in a parsed sentence: the word that states one, and the heads of the nouns it joins.

Knows verbs, nouns and adjectives that state relations (``ingest.statements.predicates``), and how each takes
its ends in the tree. Does not know concepts, polarity or numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.statements.meant import OF_LISTED, Relation, changed, listed, meant
from ingest.statements.predicates import indicators
from ingest.statements.tree import NOMINAL, after, conjoined, is_passive, objects, subjects, verb_forms
from ingest.statements.verbs import words
from kgrag.language.phrase_keys import singular

_IN = ("in", "among", "within", "at", "inside")
_SUCH = ("such", "including", "like")


def find_relations(doc: Any) -> Iterator[Relation]:
    """Relations in the order of their triggers; the same pair may come more than once. Things that are only
    listed together are not related by that.
    """
    for relation in _stated(doc):
        if relation.how in OF_LISTED or not listed(relation.subject, relation.object):
            yield changed(relation)


def _stated(doc: Any) -> Iterator[Relation]:
    for token in doc:
        if token.pos_ in ("VERB", "AUX"):
            yield from _of_verb(token)
        elif token.pos_ == "NOUN":
            yield from _of_noun(token)
        elif token.pos_ == "ADJ":
            yield from _of_adjective(token)
        if token.lower_ in ("due", "because", "owing"):
            yield from _due(token)
        if token.pos_ in ("NOUN", "PROPN"):
            yield from _examples(token)
            yield from _joined(token)
            yield from _within(token)


def has_trigger(doc: Any) -> bool:
    """Whether a tagged sentence has two nouns and what may state a relation: only then is it parsed."""
    table = indicators()
    nouns = sum(token.pos_ in ("NOUN", "PROPN") for token in doc)
    return nouns > 1 and any(
        (token.pos_ in ("VERB", "AUX"))
        or (token.pos_ == "NOUN" and (singular(token.lower_), "noun") in table)
        or (token.pos_ == "ADJ" and (token.lower_, "adj") in table)
        for token in doc
    )


def _rows(word: str, part: str) -> dict[str, tuple[str, ...]]:
    table = indicators()
    if part == "verb":
        for form in verb_forms(word):
            if (form, "verb") in table:
                return table[form, "verb"]
        return table.get((word, "pastpart"), {})
    return table.get((word, part), {})


def _of_verb(verb: Any) -> Iterator[Relation]:
    if verb.lower_ in (
        "be",
        "is",
        "are",
        "was",
        "were",
        "been",
        "being",
        "'s",
        "remain",
        "remains",
        "become",
        "becomes",
    ):
        yield from _is_a(verb)
        return
    rows = _rows(verb.lower_, "verb")
    passive = is_passive(verb)
    heads = subjects(verb, passive)
    behind = after(verb)
    inside = [noun for preposition, noun in behind if preposition in _IN]
    yield from _pairs(heads, inside, verb, ("occurs_in", "location_of_r"), "verb in")
    if not passive:
        yield from _pairs(objects(verb), inside, verb, ("occurs_in", "location_of_r"), "verb in")
    if passive:
        agents = [noun for preposition, noun in behind if preposition in ("by", "via", "through")]
        if "" in rows:
            yield from _pairs(agents, heads, verb, rows[""], "passive")
        if "with" in rows or verb_forms(verb.lower_)[0] in ("treat", "manage"):
            found = [noun for preposition, noun in behind if preposition in ("with", "using")]
            predicates = rows.get("with", rows.get("", ()))
            turned = verb_forms(verb.lower_)[0] in ("treat", "manage", "cure")
            yield from (
                _pairs(found, heads, verb, ("treats",), "passive")
                if turned
                else _pairs(heads, found, verb, predicates, "passive")
            )
    else:
        done = objects(verb)
        if "" in rows and not any(child.dep_ == "xcomp" for child in verb.children):
            yield from _pairs(heads, done, verb, rows[""], "active")
    for preposition, predicates in rows.items():
        if passive and preposition in _IN:
            continue  # *was reduced in patients* tells where, not what did it
        if (preposition and preposition not in ("with", "by")) or (preposition == "with" and not passive):
            nouns = [noun for found, noun in behind if found == preposition]
            if not passive and objects(verb) and preposition in ("in", "of", "from", "to", "into"):
                if preposition == "into":
                    yield from _pairs(objects(verb), nouns, verb, predicates, "verb+prep")
                continue
            yield from _pairs(heads, nouns, verb, predicates, "verb+prep")


def _is_a(verb: Any) -> Iterator[Relation]:
    """*X is a Y*, *X is a risk factor for Y*, *X is effective against Y*."""
    heads = subjects(verb, False)
    for child in verb.children:
        if child.dep_ == "attr" and child.lower_ in ("one", "some", "part") and (of := after(child, ("of",))):
            child = of[0][1]
            for preposition, noun in after(child):
                predicates = _rows(singular(child.lower_), "noun").get(preposition)
                if predicates:
                    yield from _pairs(heads, [noun], child, predicates, "is noun of")
            if not after(child):
                yield from _pairs(heads, [child], verb, ("isa",), "is a")
        elif child.dep_ == "attr" and child.pos_ in NOMINAL and not _qualifies_next(child):
            rows = _rows(singular(child.lower_), "noun")
            taken = False
            for preposition, noun in after(child):
                if preposition in rows:
                    taken = True
                    yield from _pairs(heads, [noun], child, rows[preposition], "is noun of")
            for _, noun in after(child, ("of",)):
                if singular(child.lower_) in (
                    "type",
                    "form",
                    "kind",
                    "member",
                    "class",
                    "example",
                    "species",
                ):
                    taken = True
                    yield from _pairs(heads, [noun], child, ("isa",), "is a")
            if not taken and not any(c.lower_ == "the" for c in child.children if c.dep_ == "det"):
                yield from _pairs(heads, list(conjoined(child)), verb, ("isa",), "is a")
        elif child.dep_ == "acomp":
            rows = _rows(child.lower_, "adj") or _rows(child.lower_, "verb")
            for preposition, noun in after(child):
                if preposition in rows:
                    yield from _pairs(heads, [noun], child, rows[preposition], "is adjective")
            inside = [noun for _, noun in after(child, _IN)]
            yield from (
                Relation(a, b, verb, ("occurs_in", "location_of_r"), "verb in") for a in heads for b in inside
            )
            if child.tag_ == "JJR":
                than = [noun for _, noun in after(child, ("than",))]
                predicate = (
                    "higher_than"
                    if child.lower_ in words("higher")
                    else "higher_than_r"
                    if child.lower_ in words("lower")
                    else ""
                )
                if predicate:
                    yield from _pairs(heads, than, child, (predicate,), "is adjective")


def _qualifies_next(noun: Any) -> bool:
    """Whether a noun belongs to the adjective or participle behind it: *is Lego compatible*, *were B-cell
    depleted*.
    """
    following = noun.nbor() if noun.i + 1 < len(noun.doc) else None
    return following is not None and following.tag_ in ("JJ", "VBN") and bool(noun.whitespace_)


def _of_noun(noun: Any) -> Iterator[Relation]:
    word = singular(noun.lower_)
    rows = _rows(word, "noun")
    if not rows:
        return
    behind = after(noun)
    by = {p: [n for q, n in behind if q == p] for p, _ in behind}
    for preposition, predicates in rows.items():
        first, _, second = preposition.partition("-")
        if first == "between":
            nouns = by.get("between", [])
            if len(nouns) > 1:
                yield from _pairs(nouns[:1], nouns[1:], noun, predicates, "noun between")
        elif second:
            right = by.get(second, []) or [
                n for one in by.get(first, []) for p, n in after(one) if p == second
            ]
            yield from _pairs(by.get(first, []), right, noun, predicates, "noun of on")
    yield from _of_light_verb(noun, rows, by)
    plain = rows.get("")
    if plain:
        modifiers = [
            c for c in noun.children if c.dep_ in ("compound", "amod", "nmod") and c.pos_ in ("NOUN", "PROPN")
        ]
        of = by.get("of", [])
        means = by.get("with", []) if word in words("acts") or "treats" in plain else []
        agents = by.get("by", []) or means or modifiers or _around(noun)
        yield from _pairs(agents, of, noun, plain, "noun of by")
        if not of:
            for preposition in ("in", "on", "for", "against", "to"):
                yield from _pairs(
                    modifiers, by.get(preposition, []), noun, rows.get(preposition, plain), "noun modified"
                )


def _around(noun: Any) -> list[Any]:
    """What an act is named for from outside: *surgery in the treatment of …*, *statins for the prevention
    of …*.
    """
    above = noun.head
    if (
        noun.dep_ == "pobj"
        and above.lower_ in ("in", "for", "during")
        and above.head.pos_ in ("NOUN", "PROPN")
    ):
        outer = above.head
        of = [one for _, one in after(outer, ("of",))]
        return (
            of
            if singular(outer.lower_)
            in ("role", "use", "effect", "efficacy", "value", "effectiveness", "application")
            else [outer]
        )
    return []


def _of_light_verb(
    noun: Any, rows: Mapping[str, tuple[str, ...]], by: Mapping[str, list[Any]]
) -> Iterator[Relation]:
    """*X plays a role in Y*, *X has no effect on Y*: the verb's subject is the noun's."""
    verb = noun.head
    if noun.dep_ != "dobj" or not set(verb_forms(verb.lower_)) & words("light"):
        return
    heads = subjects(verb, False)
    for preposition in ("on", "in", "for", "to", "against", "with"):
        predicates = next(
            (p for key, p in rows.items() if key.rpartition("-")[2] == preposition), rows.get("")
        )
        if predicates:
            yield from _pairs(heads, by.get(preposition, []), noun, predicates, "light verb")
            for child in noun.children:
                if child.dep_ == "prep" and child.lower_ == preposition:
                    for act in child.children:
                        if act.dep_ == "pcomp":
                            yield from _pairs(heads, objects(act), noun, predicates, "light verb")


def _due(word: Any) -> Iterator[Relation]:
    """*X due to Y*, *X because of Y*."""
    nouns = [noun for _, noun in after(word)]
    nouns += [
        n
        for child in word.children
        if child.dep_ in ("pobj", "pcomp")
        for n in conjoined(child)
        if n.pos_ in NOMINAL
    ]
    above = word.head
    heads = [above] if above.pos_ in NOMINAL else subjects(above, is_passive(above))
    yield from _pairs(nouns, heads, word, ("causes",), "due to")


_JOINING = {
    "induced": ("causes",),
    "driven": ("causes",),
    "mediated": ("affects",),
    "dependent": ("requires_r",),
    "associated": ("associated_with",),
    "related": ("associated_with",),
    "stimulated": ("increases",),
    "inhibited": ("decreases",),
    "based": ("uses_r",),
    "treated": ("administered_to",),
    "infected": ("infects",),
    "positive": ("infects",),
}


def _within(noun: Any) -> Iterator[Relation]:
    """*allergen-driven inflammation*, and what a noun before a noun means by the kinds of both."""
    doc = noun.doc
    for i in range(max(noun.i - 6, 1), noun.i):
        joined = _JOINING.get(doc[i].lower_)
        if (
            joined
            and doc[i - 1].text in ("-", "–")
            and i > 1
            and not doc[i - 2].whitespace_
            and doc[i].head.i == noun.i
            and doc[i - 2].pos_ in (*NOMINAL, "ADJ", "X")
        ):
            yield Relation(doc[i - 2], noun, doc[i], joined, "hyphen")
    for child in noun.children:
        if (
            child.dep_ in ("compound", "nmod", "amod")
            and child.i < noun.i
            and child.pos_ in ("NOUN", "PROPN", "ADJ")
        ):
            yield Relation(child, noun, noun, ("compound",), "compound")


def _of_adjective(word: Any) -> Iterator[Relation]:
    rows = _rows(word.lower_, "adj")
    if rows and word.dep_ == "amod" and word.head.pos_ in ("NOUN", "PROPN"):
        for preposition, noun in after(word):
            if preposition in rows:
                yield from _pairs([word.head], [noun], word, rows[preposition], "adjective")


def _examples(noun: Any) -> Iterator[Relation]:
    """*Y such as X*, *Y including X*, *Y, a Z* and *Y (X)* in apposition."""
    for child in noun.children:
        if child.dep_ == "prep" and child.lower_ in ("as", "including", "like"):
            such = child.lower_ != "as" or any(c.lower_ == "such" for c in (*child.children, *noun.children))
            many = _many(noun)
            if such and many is not None:
                for inner in child.children:
                    if inner.dep_ == "pobj":
                        yield from _pairs(list(conjoined(inner)), [many], child, ("isa",), "such as")
        elif child.dep_ == "appos" and any(
            c.dep_ == "det" and c.lower_ in ("a", "an") for c in child.children
        ):
            yield from _pairs([noun], [child], child, ("isa",), "apposition")
        elif child.dep_ == "appos" and child.i and noun.doc[max(child.left_edge.i - 1, 0)].text == "(":
            yield from _pairs(list(conjoined(child)), [noun], child, ("isa",), "in brackets")


def _many(noun: Any) -> Any | None:
    """The plural of which examples are given: *factors* in *factors used in biology, such as X*."""
    while noun.tag_ not in ("NNS", "NNPS"):
        above = noun.head.head if noun.dep_ == "pobj" else None
        if above is None or above.i == noun.i:
            return None
        noun = above.head if above.pos_ == "VERB" and above.dep_ in ("acl", "relcl") else above
        if noun.pos_ not in ("NOUN", "PROPN"):
            return None
    return noun


def _joined(noun: Any) -> Iterator[Relation]:
    """*disease in patients*, *patients with disease*, *protein in cells*."""
    for preposition, other in after(noun, (*_IN, "with", "of", "from", "into", "on", "throughout")):
        if preposition == "with":
            yield from _pairs([noun], [other], noun, ("occurs_in_r", "coexists_with"), "noun with")
        elif preposition == "of":
            of = (
                ("uses",)
                if singular(noun.lower_) in words("acts")
                else ("part_of", "occurs_in", "location_of_r")
            )
            yield from _pairs([noun], [other], noun, of, "noun of")
        else:
            yield from _pairs([noun], [other], noun, ("occurs_in", "location_of_r"), "noun in")


def _pairs(
    subjects_: list[Any], objects_: list[Any], trigger: Any, predicates: tuple[str, ...], how: str
) -> Iterator[Relation]:
    plain = predicates == ("isa",)
    for one in subjects_:
        for other in objects_:
            for left in [one] if plain else meant(one):
                for right in [other] if plain else meant(other):
                    if left.i != right.i:
                        yield Relation(left, right, trigger, predicates, how)
