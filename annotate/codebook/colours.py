"""Labels' colours and the ink that can be read on them."""

from __future__ import annotations

from typing import Final

PLAIN: Final = "#808080"
"""The colour of a label that has none."""


def ink(colour: str | None) -> str:
    """Return black or white, whichever reads better on a colour (WCAG 2 relative luminance)."""
    channels = [int((colour or PLAIN)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # Contrast with black is (L + 0.05) / 0.05, with white 1.05 / (L + 0.05).
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
