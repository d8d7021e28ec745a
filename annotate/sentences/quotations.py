"""Find quotations: which stretch of a text stands between which marks."""

from __future__ import annotations

import re

from annotate.sentences.language import Language

_MARK = re.compile('["“”„«»]')
_BREAK = re.compile("[\n\r\v\f\u2028\u2029]")


def find_quotations(text: str, language: Language) -> list[tuple[int, int, int]]:
    """Return start, end and number of each stretch of quoted text, in order.

    A quotation that goes on in the next paragraph has one stretch in each, with one number.
    """
    found: list[tuple[int, int, int]] = []
    number, opened, closing = -1, -1, ""
    for match in _MARK.finditer(text):
        at = match.start()
        mark = text[at]
        if opened >= 0 and (mark == closing) and not (mark == '"' and _looks_opening(text, at)):
            if not _BREAK.search(text, opened, at):
                found.append((opened, at + 1, number))
            else:
                found.append((opened, opened + 1, number))
            opened = -1
        elif mark == '"' or mark in language.closing:
            if opened >= 0:
                found.append((opened, opened + 1, number))
            number += 1
            opened, closing = at, language.closing.get(mark, '"')
    if opened >= 0:
        found.append((opened, opened + 1, number))
    return found


def _looks_opening(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return before.isspace() and not after.isspace()
