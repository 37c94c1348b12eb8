"""What the tests of exports share: questions, shapes, and values taken from a material."""

from __future__ import annotations

from dataclasses import replace

from kgrag.export.material import Material

QUESTIONS = {
    "jats": "What is blue marble health?",
    "pdf": "How does DraggleSimulator teach genetic drift?",
    "none": "How do I bake sourdough bread at home?",
}
NOTICE = "Retraction: 10.1000/notice (2020-01-01)"
ANNO = {
    "oa": "http://www.w3.org/ns/oa#",
    "as": "http://www.w3.org/ns/activitystreams#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    "Annotation": "oa:Annotation",
    "AnnotationCollection": "as:OrderedCollection",
    "AnnotationPage": "as:OrderedCollectionPage",
    "SpecificResource": "oa:SpecificResource",
    "TextualBody": "oa:TextualBody",
    "TextQuoteSelector": "oa:TextQuoteSelector",
    "TextPositionSelector": "oa:TextPositionSelector",
    "FragmentSelector": "oa:FragmentSelector",
    "value": "rdf:value",
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "exact": "oa:exact",
    "prefix": "oa:prefix",
    "suffix": "oa:suffix",
    "start": "oa:start",
    "end": "oa:end",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "first": {"@id": "as:first", "@type": "@id"},
    "conformsTo": {"@id": "dcterms:conformsTo", "@type": "@id"},
}
"""The terms of the Web Annotation context that are used, as its specification maps them (the context itself
lies on the network).
"""
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix k: <urn:kgrag:vocab#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass k:Answer ;
  sh:property [sh:path prov:wasGeneratedBy ; sh:minCount 1 ; sh:maxCount 1 ; sh:class prov:Activity],
    [sh:path prov:generatedAtTime ; sh:datatype xsd:dateTime ; sh:minCount 1],
    [sh:path prov:hadMember ; sh:class k:Claim] .
[] a sh:NodeShape ; sh:targetClass k:Claim ;
  sh:property [sh:path prov:wasDerivedFrom ; sh:minCount 1 ; sh:class k:Quote],
    [sh:path prov:value ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path k:score ; sh:datatype xsd:double ; sh:minInclusive 0.0 ; sh:maxInclusive 1.0] .
[] a sh:NodeShape ; sh:targetClass k:Quote ;
  sh:property [sh:path prov:wasQuotedFrom ; sh:class k:Passage ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path prov:hadPrimarySource ; sh:class k:Document ; sh:minCount 1],
    [sh:path k:start ; sh:datatype xsd:integer ; sh:minCount 1] .
[] a sh:NodeShape ; sh:targetClass prov:Activity ;
  sh:property [sh:path prov:startedAtTime ; sh:lessThanOrEquals prov:endedAtTime ; sh:minCount 1],
    [sh:path prov:wasAssociatedWith ; sh:class prov:SoftwareAgent ; sh:minCount 4] .
[] a sh:NodeShape ; sh:targetClass oa:Annotation ;
  sh:property [sh:path oa:hasTarget ; sh:minCount 1 ; sh:class oa:SpecificResource],
    [sh:path oa:hasBody ; sh:minCount 1] .
[] a sh:NodeShape ; sh:targetClass oa:SpecificResource ;
  sh:property [sh:path oa:hasSource ; sh:minCount 1 ; sh:maxCount 1],
    [sh:path oa:hasSelector ; sh:minCount 2] .
[] a sh:NodeShape ; sh:targetClass oa:TextPositionSelector ;
  sh:property [sh:path oa:start ; sh:datatype xsd:integer ; sh:minCount 1 ; sh:lessThan oa:end] .
[] a sh:NodeShape ; sh:targetClass oa:FragmentSelector ;
  sh:property [sh:path rdf:value ; sh:pattern "^page=[0-9]+" ; sh:minCount 1] .
"""


def quotes_of(material: Material) -> list[str]:
    return [q.evidence["quote"] for q in material.quotes()]


def retracted_since_answered(material: Material) -> Material:
    """The same answer after one of its documents was retracted."""
    return replace(material, since={next(iter(material.documents)): NOTICE})
