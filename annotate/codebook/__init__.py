"""Read a codebook, check that it does not contradict itself, give it a fingerprint, and check answers against it.

A codebook is a TOML file and, beside it, the guidelines for coders in Markdown. ``docs/codebook.md`` says how to write
one; ``data/codebook.toml`` is the one that nutgraf comes with.
"""

from annotate.codebook.answers import checked_answers
from annotate.codebook.checks import SKIP
from annotate.codebook.colours import PLAIN, ink
from annotate.codebook.identity import fingerprint, judged
from annotate.codebook.reading import read_codebook

__all__ = ["PLAIN", "SKIP", "checked_answers", "fingerprint", "ink", "judged", "read_codebook"]
