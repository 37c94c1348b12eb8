"""The words everything shares: frozen values that flow through ingest and through a question.

Knows: the shape of a document, of what is found in it, and of an answer. Does not know: where any of
it is stored, which model made it, or how it is shown. All offsets are Python string indices, end exclusive.
"""

from kgrag.types.answers import (
    Answer,
    AnswerStatus,
    Candidate,
    Cell,
    Claim,
    Conclusion,
    Draft,
    RecordFact,
    SupportLabel,
    Table,
    Verdict,
)
from kgrag.types.documents import (
    Author,
    Block,
    BlockKind,
    Box,
    Document,
    Line,
    Passage,
    Record,
    Reference,
    Sentence,
    Source,
)
from kgrag.types.findings import (
    Entity,
    Extraction,
    HeldSource,
    KnowledgeObject,
    Mention,
    Parcel,
    Role,
    Statement,
)
from kgrag.types.questions import FormKind, QuestionForm, RecordQuery, Wanted
from kgrag.types.searches import Chain, Change, Edge, Evidence, Filters, Hit, Node, Understood

__all__ = [
    "Answer",
    "AnswerStatus",
    "Author",
    "Block",
    "BlockKind",
    "Box",
    "Candidate",
    "Cell",
    "Chain",
    "Change",
    "Claim",
    "Conclusion",
    "Document",
    "Draft",
    "Edge",
    "Entity",
    "Evidence",
    "Extraction",
    "Filters",
    "FormKind",
    "HeldSource",
    "Hit",
    "KnowledgeObject",
    "Line",
    "Mention",
    "Node",
    "Parcel",
    "Passage",
    "QuestionForm",
    "Record",
    "RecordFact",
    "RecordQuery",
    "Reference",
    "Role",
    "Sentence",
    "Source",
    "Statement",
    "SupportLabel",
    "Table",
    "Understood",
    "Verdict",
    "Wanted",
]
