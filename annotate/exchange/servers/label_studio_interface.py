"""A codebook as Label Studio's labelling interface: what coders see and press, in Label Studio's XML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Final
from xml.etree import ElementTree

from annotate.codebook import PLAIN
from annotate.exchange.servers.server import Task
from annotate.types import Codebook, Label, Variable

LABEL: Final = "label"
"""The name of the question for the label; variables are called by their keys, and no variable has this one."""

# Capitals, so that no variable's key is among them.
_UNIT: Final = "Unit"
_BEFORE, _AFTER, _ABOUT = "Before", "After", "About"
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")  # what XML 1.0 cannot say
_STYLE: Final = """
.nutgraf-page { max-width: 46rem; padding: 1rem 1.5rem; line-height: 1.6; }
.nutgraf-about { opacity: 0.75; }
.nutgraf-around { opacity: 0.7; }
.nutgraf-unit { border-left: 4px solid #648fff; padding: 0.25rem 0 0.25rem 1rem; margin: 0.25rem 0; }
.nutgraf-unit * { font-size: 1.15rem; }
.nutgraf-question { padding: 0 1.5rem; }
"""


def interface(codebook: Codebook) -> str:
    """Return the XML: a unit lit among the sentences around it, the labels, and variables after their labels."""
    view = _tag(None, "View")
    _tag(view, "Style").text = _STYLE
    page = _tag(view, "View", className="nutgraf-page")
    for name, field, looks in (
        (_ABOUT, "about", "nutgraf-about"),
        (_BEFORE, "before", "nutgraf-around"),
        (_UNIT, "text", "nutgraf-unit"),
        (_AFTER, "after", "nutgraf-around"),
    ):
        part = _tag(page, "View", className=looks)
        # `text`, not `url`: a sentence that is an address stays a sentence and is never fetched.
        _tag(part, "Text", name=name, value=f"${field}", valueType="text")
    asked = _tag(view, "View", className="nutgraf-question")
    _ask_label(asked, codebook)
    taken = {label.hotkey for label in codebook.labels}
    for variable in codebook.variables:
        _ask_variable(asked, codebook, variable, taken)
    return ElementTree.tostring(view, encoding="unicode")


def instruction(codebook: Codebook) -> str:
    """Return the guidelines as the HTML that Label Studio shows on request."""
    words = codebook.guidelines.strip() or _short_guidelines(codebook.labels)
    return f'<div style="white-space: pre-wrap">{html.escape(words)}</div>'


def shown(task: Task) -> dict[str, str | int]:
    """Return a task's fields as the interface shows them; all tasks have the same."""
    known = task.context
    about = [known[field] for field in ("title", "outlet", "published", "byline") if known.get(field)]
    around = {field: known.get(field, "") for field in ("before", "after")}
    fields: Mapping[str, str | int] = {"text": task.text, "about": " · ".join(about), **around}
    return {**known, **fields, "key": task.key, "start": task.start, "end": task.end}


def _ask_label(asked: ElementTree.Element, codebook: Codebook) -> None:
    choices = _tag(
        asked, "Choices", name=LABEL, toName=_UNIT, choice="single-radio", required="true", showInline="false"
    )
    for label in codebook.labels:
        more = {"hotkey": label.hotkey} if label.hotkey else {}
        _tag(
            choices,
            "Choice",
            value=_line(label.name),
            alias=label.key,
            hint=_line(f"{label.question} {label.definition}"),
            style=f"border-left: 0.5em solid {label.colour or PLAIN}; padding-left: 0.5em",
            **more,
        )


def _ask_variable(asked: ElementTree.Element, codebook: Codebook, variable: Variable, taken: set[str | None]) -> None:
    labels = [label for label in codebook.labels if not variable.when or label.key in variable.when]
    part = _tag(
        asked,
        "View",
        visibleWhen="choice-selected",
        whenTagName=LABEL,
        whenChoiceValue=",".join(_line(label.name) for label in labels),
    )
    _tag(part, "Header", value=_line(variable.question or variable.name), size="5")
    choices = _tag(
        part,
        "Choices",
        name=variable.key,
        toName=_UNIT,
        choice="multiple" if variable.multiple else "single-radio",
        required="true" if variable.required else "false",
        showInline="true",
    )
    for value in variable.values:
        # One key means one thing on the whole page there.
        more = {"hotkey": value.hotkey} if value.hotkey and value.hotkey not in taken else {}
        taken.add(value.hotkey)
        _tag(choices, "Choice", value=_line(value.name), alias=value.key, hint=_line(value.definition), **more)


def _short_guidelines(labels: Iterable[Label]) -> str:
    return "\n\n".join(f"{label.name}: {label.question} {label.definition}".strip() for label in labels)


def _tag(parent: ElementTree.Element | None, kind: str, **attributes: str) -> ElementTree.Element:
    if parent is None:
        return ElementTree.Element(kind, attributes)
    return ElementTree.SubElement(parent, kind, attributes)


def _line(words: str) -> str:
    """Return words on one line, without what XML can't say."""
    return " ".join(_UNSPEAKABLE.sub(" ", words).split())
