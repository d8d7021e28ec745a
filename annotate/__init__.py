"""nutgraf: from news pages to claims about framing that survive peer review."""

from __future__ import annotations

__version__ = "0.1.0"
