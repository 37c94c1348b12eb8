"""Cypher, named and parameterised.

Every text that comes from a document is a parameter, never part of a query.
"""

from __future__ import annotations

from graph.model import FACTS

CONSTRAINTS = (
    "CREATE CONSTRAINT kgrag_node_id IF NOT EXISTS FOR (n:KgragNode) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT kgrag_form_id IF NOT EXISTS FOR (n:Form) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX kgrag_form_key IF NOT EXISTS FOR (n:Form) ON (n.form_key)",
    "CREATE INDEX kgrag_concept_name IF NOT EXISTS FOR (n:Concept) ON (n.name)",
    "CREATE CONSTRAINT kgrag_work_id IF NOT EXISTS FOR (n:Work) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT kgrag_term_id IF NOT EXISTS FOR (n:Term) REQUIRE n.id IS UNIQUE",
)
"""Ids are unique over all of our nodes, so one index finds a node of any label.

Queries that look for an id name no other label: in an empty database the server would choose to scan that
label, and keep the plan while the database fills.
"""
FORMER = (
    "DROP CONSTRAINT kgrag_object_id IF EXISTS",
    "DROP INDEX kgrag_form_document IF EXISTS",
    *(
        f"DROP CONSTRAINT kgrag_{label}_id IF EXISTS"
        for label in ("document", "passage", "entity", "statement", "person", "venue", "heading")
    ),
)
"""What graphs of older forms had."""

VERSION = 5
"""Of the form of the graph; one of an older form is made anew."""

READ_SEQ = (
    "MATCH (s:KgragState {id: 'state'}) RETURN s.applied_seq AS seq, s.version AS version, s.library AS"
    " library"
)
WRITE_SEQ = (
    "MERGE (s:KgragState {id: 'state'}) SET s.applied_seq = $seq, s.version = $version, s.library = $library"
)
WAIT_FOR_INDEXES = "CALL db.awaitIndexes(300)"

_OURS = "(n:KgragNode OR n:Form OR n:Work OR n:KnowledgeObject OR n:Term OR n:Cited OR n:KgragState)"
# Relationships first: a node that many passages mention takes more memory with them than a server may have
# for one transaction.
CLEAR = (
    f"MATCH (n)-[r]->() WHERE {_OURS} WITH r LIMIT $limit DELETE r RETURN count(*) AS n",
    f"MATCH (n) WHERE {_OURS} WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS n",
)

# A document's own nodes go with it; what other documents share (entities, people …) goes with the last that
# names it.
DELETE_STATEMENTS = """
UNWIND $ids AS id MATCH (:KgragNode {id: id})-[:HAS]->(:Passage)<-[:SAID_IN]-(s:Statement) DETACH DELETE s
"""
SHARED_OF = """
UNWIND $ids AS id MATCH (d:KgragNode {id: id})
OPTIONAL MATCH (d)-[:BY|IN|ABOUT]->(x)
WITH d, collect(DISTINCT x.id) AS linked
OPTIONAL MATCH (f:Form WHERE f.id IN split(d.forms, ' '))-[:FORM_OF]->(e:KgragNode)
RETURN linked, collect(DISTINCT e.id) AS entities
"""
DELETE_FORMS = """
UNWIND $ids AS id MATCH (d:KgragNode {id: id})
UNWIND split(d.forms, ' ') AS form MATCH (f:Form {id: form})
SET f.n = f.n - 1
WITH DISTINCT f WHERE f.n <= 0 DETACH DELETE f
"""
DELETE_DOCUMENTS = """
UNWIND $ids AS id MATCH (d:KgragNode {id: id})
OPTIONAL MATCH (d)-[:HAS]->(p:Passage)
OPTIONAL MATCH (p)-[:TELLS]->(o:KnowledgeObject)
DETACH DELETE o, p, d
"""
# A work that is cited and not held goes with the last document that cites it, or when it is held.
DELETE_ORPHAN_WORKS = """
MATCH (w:Work) WHERE NOT EXISTS { ()-[:CITES]->(w) } DETACH DELETE w
"""
HELD_NOW = """
UNWIND $keys AS key MATCH (w:Work {id: key}) DETACH DELETE w
"""
CITING = """
UNWIND $ids AS id MATCH (a:Document)-[:CITES]->(:KgragNode {id: id}) WHERE NOT a.id IN $ids
RETURN DISTINCT a.id AS id
"""
DELETE_ORPHAN_LINKED = """
UNWIND $ids AS id MATCH (x:KgragNode {id: id})
WHERE NOT EXISTS { (:Document)-[:BY|IN|ABOUT]->(x) }
DETACH DELETE x
"""
DELETE_ORPHAN_ENTITIES = """
UNWIND $ids AS id MATCH (e:KgragNode {id: id})
WHERE NOT EXISTS { (:Form)-[:FORM_OF]->(e) }
DETACH DELETE e
"""

# A way of writing an entity is one node with the number of documents that write so; a document names its own
# in ``forms``. An entity comes with its first form and goes with its last, so only a
# new form has to look for it.
COUNT_FORMS = """
UNWIND $rows AS row MERGE (f:Form {id: row[0]})
ON CREATE SET f.form = row[2], f.form_key = row[3], f.kind = row[4], f.is_name = row[5],
  f.authorities = row[6], f.n = row[7]
ON MATCH SET f.n = f.n + row[7]
WITH f, row WHERE f.n = row[7]
MERGE (e:KgragNode {id: row[1]}) ON CREATE SET e.name = substring(row[1], 2)
FOREACH (_ IN CASE WHEN row[1] STARTS WITH 'c:' THEN [1] ELSE [] END | SET e:Concept)
FOREACH (_ IN CASE WHEN row[1] STARTS WITH 'c:' THEN [] ELSE [1] END | SET e:Entity)
CREATE (f)-[:FORM_OF]->(e)
"""
# A concept's properties are those of all documents that name it; they are set anew when one of these changes.
SET_CONCEPTS = """
UNWIND $rows AS row MATCH (c:KgragNode {id: row.id})
REMOVE c:$($labels)
SET c:$(row.label), c.name = row.name, c.kind = row.kind, c.aliases = row.aliases,
  c.authority = row.authority, c.documents = row.documents, c.mentions = row.mentions
"""
CREATE_NAMES = """
UNWIND $rows AS row MATCH (c:KgragNode {id: row[0]})
UNWIND row[1] AS place MATCH (p:KgragNode {id: place[0]})
CREATE (p)-[:NAMES {start: place[1], end: place[2]}]->(c)
"""
CREATE_OBJECTS = """
UNWIND $rows AS row MATCH (p:KgragNode {id: row.passage})
CREATE (p)-[:TELLS]->(o:KnowledgeObject:KgragNode {id: row.id, name: row.name, role: row.role, text: row.text,
  score: row.score})
"""
_CREATE_FACTS = """
UNWIND $rows AS row MATCH (d:KgragNode {{id: row.document}}) MATCH (x:KgragNode {{id: row.target}})
CREATE (d)-[r:{type}]->(x) SET r = row.properties
"""
CREATE_FACTS = {kind: _CREATE_FACTS.format(type=kind) for kind in FACTS}
# What all statements of one concept about another come to is made anew where one of them changes.
PAIRS_OF = """
UNWIND $ids AS id
MATCH (:KgragNode {id: id})-[:HAS]->(:Passage)<-[:SAID_IN]-(s:Statement)
MATCH (a:Concept)<-[:SUBJECT]-(s)-[:OBJECT]->(b:Concept) RETURN DISTINCT a.id AS subject, b.id AS object
"""
DELETE_SUMMARIES = """
UNWIND $rows AS row MATCH (:KgragNode {id: row[0]})-[r:RELATES]->(:KgragNode {id: row[1]}) DELETE r
"""
CREATE_SUMMARIES = """
UNWIND $rows AS row MATCH (a:KgragNode {id: row.subject}) MATCH (b:KgragNode {id: row.object})
CREATE (a)-[r:RELATES]->(b) SET r = row.properties
"""
MERGE_WORKS = """
UNWIND $rows AS row MATCH (d:KgragNode {id: row.document})
MERGE (w:Work {id: row.id}) ON CREATE SET w.name = row.name, w.held = false
MERGE (d)-[:CITES]->(w)
"""
MERGE_TERMS = """
UNWIND $rows AS row MERGE (t:Term {id: row.id}) SET t.name = row.name
"""
MERGE_IS = """
UNWIND $rows AS row MATCH (c:KgragNode {id: row.concept}) MATCH (t:Term {id: row.term}) MERGE (c)-[:IS]->(t)
"""
MERGE_BROADER = """
UNWIND $rows AS row MATCH (a:Term {id: row.term}) MATCH (b:Term {id: row.broader}) MERGE (a)-[:BROADER]->(b)
"""
# A document that is replaced was deleted before, so nothing has to be looked for but the entities, each once.
CREATE_DOCUMENTS = """
UNWIND $rows AS row
CREATE (d:Document:KgragNode {id: row[0], name: row[1], year: row[2], venue: row[3], language: row[4],
  kind: row[5], doi: row[6], retracted: row[7], held: true, forms: row[8]})
WITH d, row UNWIND row[9] AS passage
CREATE (d)-[:HAS]->(p:Passage:KgragNode {id: passage[0], name: passage[1], ordinal: passage[2],
  section: passage[3], text: passage[4]})
WITH collect(p) AS passages
UNWIND $mentions AS row MATCH (e:KgragNode {id: row[0]})
UNWIND row[1] AS mention WITH e, mention, passages[mention[0]] AS p
CREATE (p)-[:MENTIONS {start: mention[1], end: mention[2], score: mention[3]}]->(e)
"""
CREATE_STATEMENTS = """
UNWIND $rows AS row MERGE (s:KgragNode {id: row.id})
SET s:Statement, s += row.properties
WITH s, row
MATCH (p:KgragNode {id: row.passage})
MATCH (a:KgragNode {id: row.subject})
MATCH (b:KgragNode {id: row.object})
CREATE (s)-[:SAID_IN {start: row.start, end: row.end}]->(p)
CREATE (s)-[:SUBJECT]->(a)
CREATE (s)-[:OBJECT]->(b)
"""
_MERGE_LINK = """
UNWIND $rows AS row MATCH (d:KgragNode {{id: row.document}})
MERGE (x:KgragNode {{id: row.target}}) ON CREATE SET x:{label}, x.name = row.name, x.orcid = row.orcid
CREATE (d)-[:{type} {{name: row.name}}]->(x)
"""
MERGE_LINKS = {
    kind: _MERGE_LINK.format(label=label, type=kind)
    for kind, label in (("BY", "Person"), ("IN", "Venue"), ("ABOUT", "Heading"))
}
MERGE_CITES = """
UNWIND $rows AS row
MATCH (a:KgragNode {id: row.source}) MATCH (b:KgragNode {id: row.target})
MERGE (a)-[:CITES]->(b)
"""

FIND_ENTITIES = """
UNWIND $keys AS key MATCH (:Form {form_key: key})-[:FORM_OF]->(e:Entity) RETURN DISTINCT e.id AS id
"""
FORMS_OF = """
UNWIND $ids AS id MATCH (f:Form)-[:FORM_OF]->(e:KgragNode {id: id})
RETURN e.id AS id, f.form AS form, f.kind AS kind, f.is_name AS is_name,
  f.authorities AS authorities, f.n AS n
ORDER BY f.id
"""
EXPAND = """
UNWIND $ids AS id MATCH (n:KgragNode {id: id})-[r]-(other:KgragNode)
RETURN DISTINCT id, startNode(r).id AS source, endNode(r).id AS target, type(r) AS type,
  CASE WHEN startNode(r):Statement THEN startNode(r).id END AS statement
"""
NODES = """
UNWIND $ids AS id MATCH (n:KgragNode {id: id})
RETURN n.id AS id, n.name AS name,
  CASE WHEN n:Concept THEN 'Concept' ELSE [label IN labels(n) WHERE label <> 'KgragNode'][0] END AS kind
"""
LINKED_NAMES = (
    "UNWIND $ids AS id MATCH (:Document)-[r:BY|IN|ABOUT]->(n:KgragNode {id: id}) RETURN id, min(r.name) AS"
    " name"
)
COUNT_NODES = (
    "MATCH (n:KgragNode) UNWIND [label IN labels(n) WHERE label IN $labels] AS label RETURN label AS name,"
    " count(*) AS n"
)
COUNT_EDGES = "MATCH (:KgragNode)-[r]->(:KgragNode) RETURN type(r) AS name, count(*) AS n"
ALL_MENTIONS = "MATCH (p:Passage)-[:MENTIONS]->(e:Entity) RETURN p.id AS passage, e.id AS entity"
ALL_PAIRS = (
    "MATCH (a:Entity)<-[:SUBJECT]-(s:Statement)-[:OBJECT]->(b:Entity) RETURN a.id AS subject, b.id AS object"
)
