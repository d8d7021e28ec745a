"""Whatever holds news, read into articles: text, web pages, tables, crawls, feeds."""

from __future__ import annotations

from annotate.readers.reading import read_articles

__all__ = ["read_articles"]
