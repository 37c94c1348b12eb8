"""What a section is for: by its own name, else by the section around it."""

from __future__ import annotations

import pytest

from kgrag.language.section_names import section_kind


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        (["Methods", "Participants"], "method"),
        (["2.1 Patients and methods:"], "method"),
        (["METHODS:"], "method"),
        (["Results", "Clustering methods"], "result"),
        (["Introduction"], "background"),
        (["3. Results"], "result"),
        (["Results and Discussion", "Spectra"], "discussion"),
        (["Discussion and Conclusions"], "discussion"),
        (["Conclusions/Significance"], "conclusion"),
        (["Discussion", "Limitations of the study"], "limitation"),
        (["Strengths and limitations"], "limitation"),
        (["Methods and Findings"], None),
        (["Conclusion", "Financial support and sponsorship"], "aside"),
        (["Authors\u2019 contributions"], "aside"),
        (["Trial registration"], "aside"),
        (["Registration"], "aside"),
        (["Registration of patients"], None),
        (["Delimitation of genes"], None),
        (["Concluding a treaty"], None),
        (["Interpretation and conclusions"], "conclusion"),
        (["Resultant forces"], None),
        (["Material culture"], None),
        (["Fund raising"], None),
        (["2.1Methods"], "method"),
        (["Statistical analysis"], "method"),
        (["Summary"], None),
        (["DNA extraction"], None),
        ([], None),
        (["1 资料与方法", "1.1 一般资料"], "method"),
        (["2 结果"], "result"),
        (["引言"], "background"),
    ],
)
def test_section_kind(section: list[str], kind: str | None) -> None:
    """The outermost name of a part of a paper counts; a name that says two things says nothing."""
    assert section_kind(section) == kind
