"""Dates as sources write them to ISO 8601, where there is no doubt."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

_WEEKDAY: Final = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+|"
    r"[\s,]+(?:mon|tues|wednes|thurs|fri|satur|sun)day\b.*$",
    re.IGNORECASE,
)
# No 01/02/2020: half the world reads it as the second of January.
_FORMATS: Final = ("%B %d, %Y", "%b %d, %Y", "%b. %d, %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d", "%Y%m%d")


def iso_date(text: str) -> str | None:
    """Return a date or date and time as ISO 8601, or None where it can't be told."""
    text = text.strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return text if "-" in text else datetime.fromisoformat(text).date().isoformat()
    bare = " ".join(_WEEKDAY.sub("", text).split())
    for pattern in _FORMATS:
        try:
            return datetime.strptime(bare, pattern).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, IndexError, TypeError):
        return None
