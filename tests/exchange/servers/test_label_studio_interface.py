"""A codebook as an interface of Label Studio."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from stores import asking

from annotate.codebook import read_codebook
from annotate.exchange.servers.label_studio_interface import instruction, interface
from annotate.types import Codebook, Label

HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def test_every_label_can_be_chosen_by_name_key_hotkey_and_colour():
    codebook = read_codebook()
    choices = ElementTree.fromstring(interface(codebook)).findall(".//Choice")
    assert [one.get("alias") for one in choices] == list(codebook.keys)
    assert [one.get("value") for one in choices] == [label.name for label in codebook.labels]
    assert [one.get("hotkey") for one in choices] == [label.hotkey for label in codebook.labels]
    assert all(label.colour in one.get("style") for label, one in zip(codebook.labels, choices, strict=True))


def test_variables_are_asked_after_their_labels_and_share_no_key_with_them():
    codebook = asking()
    root = ElementTree.fromstring(interface(codebook))
    hotkeys = [one.get("hotkey") for one in root.iter("Choice") if one.get("hotkey")]
    assert len(hotkeys) == len(set(hotkeys))
    for variable in codebook.variables:
        (asked,) = (one for one in root.iter("View") if one.find(f"Choices[@name='{variable.key}']") is not None)
        names = [codebook[key].name for key in variable.when or codebook.keys]
        assert sorted(asked.get("whenChoiceValue").split(",")) == sorted(names)
        choices = asked.find("Choices")
        assert (choices.get("choice") == "multiple") == variable.multiple
        assert (choices.get("required") == "true") == variable.required


@given(HOSTILE, HOSTILE)
def test_no_word_of_a_codebook_becomes_markup(name, definition):
    labels = (Label("one", name, definition=definition), Label("two", "other"))
    codebook = Codebook("c", "1", "sentence", labels, guidelines=definition)
    root = ElementTree.fromstring(interface(codebook))
    assert {one.tag for one in root.iter()} == {"View", "Style", "Text", "Choices", "Choice"}
    assert len(root.findall(".//Choice")) == 2
    assert instruction(codebook).count("<") == 2
