"""What dkpro-cassis itself makes of the files for INCEpTION, and what is read of the XMI that INCEpTION exports."""

from __future__ import annotations

import cassis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.codebook import read_codebook
from annotate.errors import FormatError, OffsetMismatch
from annotate.exchange.annotation import Annotation
from annotate.exchange.annotations import read_annotations
from annotate.exchange.uima import LAYER, write_annotations
from annotate.types import Sentence

BOOK = read_codebook()
# What XML 1.0 can say, with what counts twice in UTF-16 and what parsers like to normalise.
SPEAKABLE = st.one_of(
    st.sampled_from(
        ("😀", "👩\u200d👧", "שלום", "\u202e", "e\u0301", "\u2028", "\x85", "\n", "\t", "\r", "<&>\"'", "]]>", "  ")
    ),
    st.text(
        st.characters(min_codepoint=0x20, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), max_size=4
    ),
)
PARTS = st.lists(st.lists(SPEAKABLE, min_size=1, max_size=4).map("".join).filter(bool), min_size=1, max_size=4)
SEVERAL_CASES = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def page(parts):
    """Return a text of these sentences, with one judgment of each; every other one has a note."""
    text, made = "", []
    for index, part in enumerate(parts):
        sentence = Sentence("a", index, 0, len(text), len(text) + len(part), part)
        label, note = BOOK.keys[index % len(BOOK.keys)], part.strip() or None
        made.append(Annotation(sentence, label, "ana", unsure=index == 0, note=note if index % 2 else None))
        text += part + "😀"
    return text, made


def written(folder, text, annotations):
    """Return the CAS that dkpro-cassis reads from the file written."""
    write_annotations(folder, annotations, BOOK, {"a": text}, force=True)
    return cassis.load_cas_from_json((folder / "a.json").read_text(encoding="utf-8"))


@SEVERAL_CASES
@given(parts=PARTS)
def test_cassis_covers_the_same_texts_and_knows_the_layer(tmp_path, parts):
    text, annotations = page(parts)
    cas = written(tmp_path / "cas", text, annotations)
    found = cas.select(LAYER)
    assert cas.sofa_string == text
    assert [one.get_covered_text() for one in found] == [one.sentence.text for one in annotations]
    assert [(one.label, one.coder) for one in found] == [(one.label, one.coder) for one in annotations]
    types = cassis.load_typesystem((tmp_path / "cas" / "TypeSystem.xml").read_text(encoding="utf-8"))
    layer = types.get_type(LAYER)
    assert (layer.supertype.name, layer.get_feature("label").rangeType.name) == (
        "uima.tcas.Annotation",
        "uima.cas.String",
    )


@SEVERAL_CASES
@given(parts=PARTS)
def test_xmi_comes_back(tmp_path, parts):
    text, annotations = page(parts)
    path = as_xmi(tmp_path, text, annotations)
    assert [one for _, one in read_annotations(path, "inception", BOOK, texts={"a": text})] == annotations


def as_xmi(tmp_path, text, annotations):
    """Return the folder with the XMI that dkpro-cassis makes of the file written, as INCEpTION would export it."""
    cas = written(tmp_path / "cas", text, annotations)
    folder = tmp_path / "xmi"
    folder.mkdir(exist_ok=True)
    cas.to_xmi(str(folder / "a.xmi"))
    cas.typesystem.to_xml(str(folder / "TypeSystem.xml"))
    return str(folder)


def test_xmi_of_another_text_is_refused(tmp_path):
    path = as_xmi(tmp_path, *page(["Roads flood."]))
    with pytest.raises(OffsetMismatch, match=r"a\.xmi:annotation 1: .*Roads dry"):
        read_annotations(path, "inception", BOOK, texts={"a": "Roads dry up.😀"})


def test_xmi_without_its_types_says_so(tmp_path):
    path = as_xmi(tmp_path, *page(["Roads flood."]))
    (tmp_path / "xmi" / "TypeSystem.xml").unlink()
    with pytest.raises(FormatError, match=r"a\.xmi: needs TypeSystem\.xml beside it"):
        read_annotations(path, "inception", BOOK)
