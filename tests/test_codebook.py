import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.codebook import fingerprint, ink, read_codebook
from annotate.errors import CodebookError, NoSuchFile, NutgrafError
from annotate.resources import carried

FACT = """
[[label]]
key = "fact"
name = "Fact"
question = "Can it be checked?"
definition = "What can be checked."
examples = ["The bridge is 90 metres long.", "Two men were arrested."]
hotkey = "f"
colour = "#ffdc66"
"""
VIEW = """
[[label]]
key = "view"
name = "View"
hotkey = "v"
colour = "#648FFF"
"""
MOOD = """
[[variable]]
key = "mood"
name = "Mood"
question = "How does it sound?"
when = ["view"]
scale = "ordinal"

[[variable.value]]
key = "1"
name = "calm"
hotkey = "c"

[[variable.value]]
key = "2"
name = "angry"
definition = "Somebody shouts."
"""
THEMES = """
[[variable]]
key = "themes"
name = "Themes"
multiple = true
required = false
value = [{ key = "roads", name = "roads" }]
"""
ONE_VALUE = """
[[variable]]
key = "mood"
name = "Mood"
value = { key = "1", name = "calm" }
"""
HEAD = """
name = "Two labels"
version = "1"
"""
GOOD = HEAD + FACT + VIEW
FULL = GOOD + MOOD + THEMES


def codebook(tmp_path, toml, guidelines=None):
    path = tmp_path / "codebook.toml"
    path.write_bytes(toml if isinstance(toml, bytes) else toml.encode("utf-8"))
    if guidelines is not None:
        (tmp_path / "guide.md").write_bytes(guidelines.encode("utf-8"))
    return path


def test_labels_stand_in_the_order_of_their_questions(tmp_path):
    read = read_codebook(codebook(tmp_path, GOOD))
    assert read.keys == ("fact", "view")
    assert read["fact"].examples == ("The bridge is 90 metres long.", "Two men were arrested.")
    assert read["view"].colour == "#648fff"
    assert (read.name, read.version, read.unit) == ("Two labels", "1", "sentence")


def test_variables_stand_in_the_order_in_which_they_are_asked(tmp_path):
    read = read_codebook(codebook(tmp_path, FULL))
    mood, themes = read.variables
    assert (mood.key, mood.keys, mood.scale, mood.when) == ("mood", ("1", "2"), "ordinal", ("view",))
    assert (mood.multiple, mood.required, themes.multiple, themes.required) == (False, True, True, False)
    assert read.asked("view") == (mood, themes)
    assert read.asked("fact") == (themes,)
    assert read.asked(None) == ()
    assert read.variable("mood") == mood


def test_guidelines_stand_in_a_file_beside_the_codebook(tmp_path):
    path = codebook(tmp_path, 'guidelines = "guide.md"' + GOOD, "# Guide\r\n\r\nBe fair.\r\n")
    assert read_codebook(path).guidelines == "# Guide\n\nBe fair."


@pytest.mark.parametrize(
    ("toml", "problem", "remedy"),
    [
        (HEAD, "has no labels", "[[label]]"),
        (b"", "has no labels", "[[label]]"),
        (HEAD + "label = []", "has no labels", "[[label]]"),
        (HEAD + FACT, "only one label", "at least two"),
        (GOOD.replace("[[label]]", "[label]", 1).replace(VIEW, ""), "only one label", "double brackets"),
        (GOOD.replace('"view"', '"fact"'), "labels 1 and 2 have the same key 'fact'", "differ"),
        (GOOD.replace('"View"', '" fact"'), "labels 1 and 2 have the same name ' fact'", "differ"),
        (GOOD.replace('"v"', '"F"'), "labels 1 and 2 have the same hotkey 'F'", "differ"),
        (GOOD.replace("#648FFF", "#FFDC66"), "labels 1 and 2 have the same colour", "differ"),
        (GOOD.replace('"view"', '"my view"'), "label 2 has the key 'my view'", "a-z, 0-9 and _"),
        (GOOD.replace('"view"', '"View"'), "label 2 has the key 'View'", "a-z, 0-9 and _"),
        (GOOD.replace('"view"', '"2nd"'), "label 2 has the key '2nd'", "begins with a letter"),
        (GOOD.replace('"view"', '""'), "label 2 has the key ''", "begins with a letter"),
        (GOOD.replace('"view"', '"skip"'), "label 2 has the key 'skip'", "every coder can skip"),
        (GOOD.replace('"View"', '" \\t"'), "label 2 (view) has an empty name", "people"),
        (GOOD.replace('"v"', '"vv"'), "label 2 (view) has the hotkey 'vv'", "one visible character"),
        (GOOD.replace('"v"', '" "'), "label 2 (view) has the hotkey ' '", "one visible character"),
        (GOOD.replace("#648FFF", "blue"), "label 2 (view) has the colour 'blue'", "#rrggbb"),
        (GOOD.replace("#648FFF", "#64f"), "label 2 (view) has the colour '#64f'", "#rrggbb"),
        (GOOD.replace("colour", "color", 1), "label 1 has an unknown field `color`", "did you mean `colour`?"),
        ("labels = 4" + GOOD, "the codebook has an unknown field `labels`", "did you mean `label`?"),
        ("zebra = 4" + GOOD, "the codebook has an unknown field `zebra`", "the fields are name, version"),
        (GOOD.replace('version = "1"', "version = 1.0"), "version: expected `str`, got `float`", "in quotes"),
        (
            GOOD.replace('version = "1"', ""),
            "the codebook: object missing required field `version`",
            "docs/codebook.md",
        ),
        (GOOD.replace('key = "view"', ""), "label 2: object missing required field `key`", "docs/codebook.md"),
        (GOOD.replace('"Two men were arrested."', "2"), "label 1 examples[1]: expected `str`", "in quotes"),
        (HEAD + "label = [1, 2]", "label 1: expected `object`, got `int`", "docs/codebook.md"),
        (FULL.replace('"mood"', '"label"'), "variable 1 has the key 'label'", "choose another"),
        (FULL.replace('"mood"', '"my mood"'), "variable 1 has the key 'my mood'", "begins with a letter"),
        (FULL.replace('"themes"', '"mood"'), "variables 1 and 2 have the same key 'mood'", "differ"),
        (FULL.replace('"Themes"', '"mood"'), "variables 1 and 2 have the same name 'mood'", "differ"),
        (FULL.replace('"Mood"', '""'), "variable 1 (mood) has an empty name", "people"),
        (FULL.replace('["view"]', '["views"]'), "variable 1 (mood) is asked after 'views'", "fact, view"),
        (FULL.replace('"ordinal"', '"interval"'), "variable 1 scale: invalid enum value 'interval'", "docs/codebook"),
        (FULL.replace("multiple = true", 'multiple = true\nscale = "ordinal"'), "several values", "take out"),
        (FULL.replace("multiple = true\n", ""), "variable 2 (themes) has too few values", "[[variable.value]]"),
        (FULL.replace('key = "2"', 'key = "1"'), "variable 1 (mood) values 1 and 2 have the same key '1'", "differ"),
        (FULL.replace('key = "2"', 'key = "_2"'), "variable 1 (mood) value 2 has the key '_2'", "begin with _"),
        (FULL.replace('"c"', '"cc"'), "variable 1 (mood) value 1 (1) has the hotkey 'cc'", "one visible"),
        (FULL.replace('key = "2"', "key = 2"), "variable 1 value 2 key: expected `str`, got `int`", "in quotes"),
        (FULL.replace("scale =", "scales ="), "variable 1 has an unknown field `scales`", "did you mean `scale`?"),
        (FULL.replace('definition = "S', 'defintion = "S'), "variable 1 value 2 has an unknown field", "`definition`"),
        (GOOD + MOOD.replace("[[variable]]", "[variable]"), "the variable is no list", "double brackets"),
        (GOOD + ONE_VALUE, "variable 1 has only one value", "double brackets"),
        (GOOD + '[[variable]]\nkey = "a"\nname = "b"', "variable 1: object missing required field `value`", "docs"),
        ('guidelines = "guide.md"' + GOOD, "the guidelines 'guide.md' are not beside", "put them at"),
    ],
)
def test_a_codebook_that_contradicts_itself_is_refused_with_what_to_do(tmp_path, toml, problem, remedy):
    path = codebook(tmp_path, toml)
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    assert caught.value.where == str(path)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        (GOOD + "colour = \n", GOOD.count("\n") + 1),
        ("name = \x00", 1),
        ('name = "Two', 1),
        (b"\n\nname = 'caf\xe9'\n", 3),
        (GOOD.encode("utf-16"), 1),
    ],
)
def test_a_file_that_is_not_toml_or_not_utf8_is_refused_with_its_line(tmp_path, toml, line):
    path = codebook(tmp_path, toml)
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    assert caught.value.where == f"{path}:{line}"


def test_guidelines_that_are_not_utf8_are_refused_by_their_own_name(tmp_path):
    path = codebook(tmp_path, 'guidelines = "guide.md"' + GOOD)
    (tmp_path / "guide.md").write_bytes(b"Be fair.\nDon\x92t guess.\n")
    with pytest.raises(CodebookError, match=re.escape(f"{tmp_path / 'guide.md'}:2: is not UTF-8")):
        read_codebook(path)


def test_a_codebook_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NoSuchFile):
        read_codebook(tmp_path / "codebook.toml")


@pytest.mark.parametrize("toml", ["a = " + "[" * 20_000, "a = " + "9" * 10_000])
def test_toml_made_to_break_its_parser_is_refused(tmp_path, toml):
    with pytest.raises(CodebookError, match="is not TOML"):
        read_codebook(codebook(tmp_path, toml))


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_any_other_file_is_refused_in_one_line(tmp_path_factory, raw):
    path = codebook(tmp_path_factory.mktemp("codebook"), raw)
    with pytest.raises(NutgrafError) as caught:
        read_codebook(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"Two labels"', '"Another name"'),
        ('version = "1"', 'version = "2"'),
        ('"f"', '"1"'),
        ("#ffdc66", "#b0b0b0"),
        ('"Fact"', '" Fact "'),
        ("\n", "\r\n"),
        ("\n[[label]]", "\n# a comment\n\n[[label]]"),
    ],
)
def test_what_changes_no_judgment_leaves_the_fingerprint(tmp_path, before, after):
    assert before in GOOD
    one = read_codebook(codebook(tmp_path, GOOD))
    assert read_codebook(codebook(tmp_path, GOOD.replace(before, after))).fingerprint == one.fingerprint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"fact"', '"facts"'),
        ('"Fact"', '"Facts"'),
        ("Can it be checked?", "Could it be checked?"),
        ("What can be checked.", "What could be checked."),
        ('"Two men were arrested."', ""),
        ('version = "1"', 'version = "1"\nunit = "paragraph"'),
        (FACT + VIEW, VIEW + FACT),
    ],
)
def test_what_can_change_a_judgment_changes_the_fingerprint(tmp_path, before, after):
    assert before in GOOD
    one = read_codebook(codebook(tmp_path, GOOD))
    assert read_codebook(codebook(tmp_path, GOOD.replace(before, after))).fingerprint != one.fingerprint


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ('hotkey = "c"', "", True),
        ('name = "angry"', 'name = " angry "', True),
        (MOOD, "", False),
        ('"mood"', '"moods"', False),
        ("How does it sound?", "How loud is it?", False),
        ('when = ["view"]', "", False),
        ('scale = "ordinal"', "", False),
        ("required = false", "", False),
        ("Somebody shouts.", "Somebody cries.", False),
        ('name = "angry"', 'name = "furious"', False),
    ],
)
def test_variables_count_for_the_fingerprint_as_labels_do(tmp_path, before, after, same):
    assert before in FULL
    one = read_codebook(codebook(tmp_path, FULL))
    assert (read_codebook(codebook(tmp_path, FULL.replace(before, after))).fingerprint == one.fingerprint) is same


def test_guidelines_count_for_the_fingerprint_but_not_their_line_endings_or_mark(tmp_path):
    toml = 'guidelines = "guide.md"' + GOOD
    read = {
        text: read_codebook(codebook(tmp_path, toml, text)).fingerprint
        for text in (
            "Be fair.\nAlways.\n",
            "\ufeffBe fair.\r\nAlways.",
            "Be fair.\rAlways.\n\n",
            "Be quick.\nAlways.\n",
        )
    }
    fair, marked, old_mac, quick = read.values()
    assert fair == marked == old_mac
    assert fair != quick


def test_a_fingerprint_is_what_it_was_when_the_format_was_made(tmp_path):
    # Stored judgments name it: if this fails, the codebooks of every project seem to have changed.
    assert (
        read_codebook(codebook(tmp_path, GOOD)).fingerprint
        == "c1354801ae52d8383a18ac44aa26ab9576bbe9df3433cd3933e05f5ff41a64d5"
    )


@pytest.mark.parametrize("toml", [GOOD, FULL])
def test_a_codebook_keeps_its_fingerprint_through_json(tmp_path, toml):
    read = read_codebook(codebook(tmp_path, toml))
    again = msgspec.json.decode(msgspec.json.encode(read), type=type(read))
    assert again == read
    assert fingerprint(again) == read.fingerprint


def test_the_carried_codebook_has_four_labels_with_all_that_coders_need():
    read = read_codebook()
    assert read.keys == ("unrelated_promo", "quoted_official", "editorial_framing", "factual_claim")
    for label in read.labels:
        assert label.question.endswith("?")
        assert 3 <= len(label.examples) <= 5
        assert label.definition
        assert "\n" not in label.definition
        assert f"`{label.key}`" in read.guidelines
        assert label.question.removesuffix("?").split()[-1] in read.guidelines


def test_the_carried_codebook_gets_a_new_version_when_its_words_change():
    read = read_codebook()
    assert (read.version, read.fingerprint) == (
        "1.2",
        "7100433639fc8e0aa03df10fa7ffd0abb84c93f5819a21206f34444d73b9bff7",
    )
    assert f"version {read.version}" in read.guidelines


def test_the_carried_codebook_uses_no_field_but_those_of_the_format():
    written = tomllib.loads(carried("data", "codebook.toml").read_text(encoding="utf-8"))
    assert set(written) == {"name", "version", "unit", "guidelines", "label"}


# What a dichromat sees of linear RGB: Machado, Oliveira, Fernandes 2009, severity 1.
SIGHT = {
    "trichromat": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranope": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanope": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def linear(colour):
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def times(matrix, vector):
    return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]


def oklab(rgb):
    """Ottosson 2020."""
    lms = times(
        (
            (0.41222147, 0.53633254, 0.05144599),
            (0.2119035, 0.68069955, 0.10739696),
            (0.08830246, 0.28171884, 0.6299787),
        ),
        [min(max(channel, 0), 1) for channel in rgb],
    )
    return times(
        (
            (0.21045426, 0.79361779, -0.00407205),
            (1.9779985, -2.42859221, 0.45059371),
            (0.02590404, 0.78277177, -0.80867577),
        ),
        [channel ** (1 / 3) for channel in lms],
    )


@pytest.mark.parametrize("sight", SIGHT)
def test_the_carried_colours_can_be_told_apart_by_every_kind_of_sight(sight):
    seen = [oklab(times(SIGHT[sight], linear(label.colour))) for label in read_codebook().labels]
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for i, one in enumerate(seen)
        for other in seen[:i]
    ]
    assert min(distances) > 0.14


def test_black_text_can_be_read_on_the_carried_colours():
    for label in read_codebook().labels:
        luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(label.colour), strict=True))
        assert (luminance + 0.05) / 0.05 >= 4.5  # WCAG 2.2, 1.4.3


def test_the_codebook_in_the_guide_is_one(tmp_path):
    guide = (Path(__file__).parents[1] / "docs" / "codebook.md").read_text(encoding="utf-8")
    labels, variables = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "codebook.md").write_text("Be fair.", encoding="utf-8")
    read = read_codebook(codebook(tmp_path, labels + variables))
    assert [variable.key for variable in read.variables] == ["tone", "blamed"]
    assert read.keys == ("blames", "no_blame")
    assert read.guidelines == "Be fair."
    for colour in (label.colour for label in read_codebook().labels):
        assert f"`{colour}`" in guide


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#ffdc66", "#000000"), ("#003366", "#ffffff"), (None, "#000000")],
)
def test_text_on_a_label_is_black_or_white_whichever_reads_better(colour, expected):
    assert ink(colour) == expected
