"""The values that travel through nutgraf: frozen, without I/O.

Offsets count Unicode code points from 0 into :attr:`Article.text`; ``end`` is exclusive. So
``article.text[s.start:s.end] == s.text`` holds for every sentence ``s``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """One block of a web page, as the reader found it, in page order.

    Parameters
    ----------
    start, end
        Code points into the article's text.
    body
        True if the block belongs to the article's body, False if it stands around it, None if unknown.
    path
        Tags from the page's root to the block, such as ``"div/article/p"``.
    link_density
        Share of the block's characters that are link text, 0 to 1.
    heading
        Heading level 1 to 6, or None.
    copies
        How many blocks of the same page have this text, at least 1.
    """

    start: int
    end: int
    body: bool | None = None
    path: str = ""
    link_density: float = 0.0
    heading: int | None = None
    copies: int = 1


class Article(msgspec.Struct, frozen=True, omit_defaults=True):
    """A news page as text, with what is known about it.

    Parameters
    ----------
    id
        Unique in a collection: the file's stem or the id field of the row it came from.
    text
        The decoded text, unchanged.
    title, outlet, byline, published, url, language
        Metadata where the source has it; ``published`` is an ISO 8601 date or date and time.
    source
        The file (and row) it was read from, for messages.
    blocks
        The page's blocks in order where it was read from HTML, else empty.
    metadata
        Every other field of the row it came from, as text.
    """

    id: str
    text: str
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    source: str | None = None
    blocks: tuple[Block, ...] = ()
    metadata: Mapping[str, str] = {}


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One unit of analysis: a sentence with its place in its article.

    Parameters
    ----------
    article
        The article's id.
    index
        Position among the article's sentences, from 0.
    paragraph
        Number of the paragraph it stands in, from 0; a newline ends a paragraph.
    start, end
        Code points into the article's text.
    text
        ``article.text[start:end]``.
    quote
        Number of the quotation it stands in or touches, from 0 in the article, or None.
    """

    article: str
    index: int
    paragraph: int
    start: int
    end: int
    text: str
    quote: int | None = None


class Label(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One category of a codebook.

    Parameters
    ----------
    key
        What stands in files: lower-case letters, digits and underscores.
    name
        What people read.
    question
        The yes-or-no question that decides for this label.
    definition
        When the label applies and when not.
    examples
        Sentences that carry it.
    hotkey
        One character that chooses it in the session.
    colour
        ``#rrggbb``.
    """

    key: str
    name: str
    definition: str = ""
    question: str = ""
    examples: tuple[str, ...] = ()
    hotkey: str | None = None
    colour: str | None = None


class Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One of the answers that a variable may have.

    Parameters
    ----------
    key
        What stands in files: lower-case letters, digits and underscores; it may begin with a digit.
    name
        What people read.
    definition
        When the value applies and when not.
    examples
        Sentences that have it.
    hotkey
        One character that chooses it in the session.
    """

    key: str
    name: str
    definition: str = ""
    examples: tuple[str, ...] = ()
    hotkey: str | None = None


class Variable(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename={"values": "value"}):
    """Something more that a codebook asks about a unit, once it has a label.

    Parameters
    ----------
    key
        What stands in files, as for a label.
    name
        What people read.
    values
        The answers, in order; of an ordinal scale from the lowest to the highest.
    question
        What coders are asked.
    definition
        What the variable is about and what not.
    scale
        ``ordinal`` where the order of the values means something, else ``nominal``.
    multiple
        Whether any number of values may be chosen; else exactly one.
    required
        Whether coders must answer; else they may pass it over.
    when
        The labels after which it is asked; empty for all.
    """

    key: str
    name: str
    values: tuple[Value, ...]
    question: str = ""
    definition: str = ""
    scale: Literal["nominal", "ordinal"] = "nominal"
    multiple: bool = False
    required: bool = True
    when: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the values' keys in order."""
        return tuple(value.key for value in self.values)

    def follows(self, label: str | None) -> bool:
        """Return whether it is asked about a unit with this label; None is a skip, which has no answers."""
        return label is not None and (not self.when or label in self.when)


Answer = str | tuple[str, ...]
"""A variable's answer: a value's key; of a multiple choice the keys chosen, in the codebook's order."""


class Codebook(msgspec.Struct, frozen=True, omit_defaults=True):
    """The labels in the order in which their questions are asked, with the guidelines for coders.

    Parameters
    ----------
    fingerprint
        SHA-256 of everything in it that can change a judgment; see :func:`annotate.codebook.read_codebook`.
    variables
        What is asked besides the label, in this order.
    """

    name: str
    version: str
    unit: str
    labels: tuple[Label, ...]
    guidelines: str = ""
    fingerprint: str = ""
    variables: tuple[Variable, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the labels' keys in decision order."""
        return tuple(label.key for label in self.labels)

    def __getitem__(self, key: str) -> Label:
        for label in self.labels:
            if label.key == key:
                return label
        raise KeyError(key)

    def asked(self, label: str | None) -> tuple[Variable, ...]:
        """Return the variables that are asked about a unit with this label, in order."""
        return tuple(variable for variable in self.variables if variable.follows(label))

    def variable(self, key: str) -> Variable:
        """Return a variable by its key; raise KeyError if there is none."""
        for variable in self.variables:
            if variable.key == key:
                return variable
        raise KeyError(key)


class Gold(msgspec.Struct, frozen=True):
    """A stand-off label: who gave which label to which stretch of which document."""

    document: str
    start: int
    end: int
    label: str
    coder: str


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence with the label a model gave it.

    Parameters
    ----------
    probabilities
        One probability per label of the codebook; they sum to 1.
    model
        The model's name and the first 12 digits of its fingerprint.
    """

    article: str
    index: int
    paragraph: int
    start: int
    end: int
    text: str
    label: str
    probabilities: dict[str, float]
    model: str
    quote: int | None = None


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence about figures.

    Parameters
    ----------
    text
        The sentence in English.
    name, values
        What it says and the figures in it, for whoever says it in another language; labels by key.
    """

    text: str
    name: str = ""
    values: Mapping[str, int | float | tuple[str, ...]] = {}


Row = dict[str, Any]
"""A row of a table before it was checked."""
