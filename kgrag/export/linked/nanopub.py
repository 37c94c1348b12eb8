"""Writes each claim of an answer as a nanopublication in TriG: assertion, provenance, publication info, and
the head that names them.

Needs rdflib (extra ``export``). The nanopublications are unsigned; a registry that wants signatures signs
them itself. Source: https://nanopub.net/guidelines/working_draft/
"""

from __future__ import annotations

from typing import Any

from kgrag.export.linked.prov import CONTEXT, claim_iri, quote_iri
from kgrag.export.material import VOCABULARY, Material, Plain

NP = "http://www.nanopub.org/nschema#"
PARTS = (("hasAssertion", "assertion"), ("hasProvenance", "provenance"), ("hasPublicationInfo", "pubinfo"))


def trig(material: Material) -> bytes:
    """The TriG document; one nanopublication a claim."""
    import rdflib

    dataset = rdflib.Dataset(default_union=False)
    for prefix, iri in {**CONTEXT, "np": NP}.items():
        dataset.bind(prefix, iri)
    for claim in material.answer["claims"]:
        _publish(dataset, material, claim)
    content: bytes = dataset.serialize(format="trig", encoding="utf-8")
    return content


def _publish(dataset: Any, material: Material, claim: Plain) -> None:
    from rdflib import RDF, Literal, Namespace, URIRef

    base = material.iri("nanopub", f"{material.answer['id']}/{claim['id']}")
    nanopub, np, prov, terms = (
        URIRef(base),
        Namespace(NP),
        Namespace(CONTEXT["prov"]),
        Namespace(CONTEXT["dcterms"]),
    )
    head, assertion, provenance, pubinfo = (
        dataset.graph(URIRef(f"{base}#{name}")) for name in ("head", "assertion", "provenance", "pubinfo")
    )
    head.add((nanopub, RDF.type, np.Nanopublication))
    for predicate, name in PARTS:
        head.add((nanopub, np[predicate], URIRef(f"{base}#{name}")))
    _assert(assertion, material, claim)
    _trace(provenance, URIRef(f"{base}#assertion"), material, claim)
    pubinfo.add((nanopub, terms.created, Literal(material.created, datatype=CONTEXT["xsd"] + "dateTime")))
    pubinfo.add((nanopub, prov.wasDerivedFrom, URIRef(material.iri("answer", material.answer["id"]))))
    for identity in material.answer["models"].values():
        pubinfo.add((nanopub, URIRef(VOCABULARY + "model"), Literal(identity)))


def _assert(graph: Any, material: Material, claim: Plain) -> None:
    """What is claimed: its words, and the edges of its path."""
    from rdflib import RDF, Literal, Namespace, URIRef

    own, subject = Namespace(VOCABULARY), URIRef(claim_iri(material, claim))
    graph.add((subject, RDF.type, own.Claim))
    graph.add(
        (subject, Namespace(CONTEXT["prov"]).value, Literal(claim["text"], lang=material.answer["language"]))
    )
    for step in material.steps(claim):
        graph.add(
            (URIRef(material.node_iri(step.source)), own[step.type], URIRef(material.node_iri(step.target)))
        )


def _trace(graph: Any, assertion: Any, material: Material, claim: Plain) -> None:
    """Where it comes from: the quotes with their spans, the documents with their retraction marks, the
    support.
    """
    from rdflib import Literal, Namespace, URIRef

    prov, own = Namespace(CONTEXT["prov"]), Namespace(VOCABULARY)
    graph.add((assertion, own.score, Literal(float(claim["support"]["score"]))))
    graph.add((assertion, own.threshold, Literal(float(claim["support"]["threshold"]))))
    for q in (q for q in material.quotes() if q.claim is claim):
        quote, document = (
            URIRef(quote_iri(material, q)),
            URIRef(material.document_iri(q.evidence["document_id"])),
        )
        graph.add((assertion, prov.wasDerivedFrom, quote))
        graph.add((quote, prov.value, Literal(q.evidence["quote"])))
        graph.add((quote, prov.wasQuotedFrom, URIRef(material.iri("passage", q.evidence["passage_id"]))))
        graph.add((quote, prov.hadPrimarySource, document))
        for name, value in (("start", q.evidence["span"][0]), ("end", q.evidence["span"][1])):
            graph.add((quote, own[name], Literal(value)))
        if mark := material.mark(q.evidence["document_id"]):
            graph.add((document, own.retraction, Literal(mark)))
        for notice in material.notices.get(q.evidence["document_id"], ()):
            graph.add((document, own.notice, Literal(notice)))
