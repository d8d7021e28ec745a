"""Make the store of the present version that later versions must open: ``python tests/store/old/make.py``.

Run it once, when a version's schema is finished, and never again for that version.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from stores import Ticks, filled, judge  # noqa: E402

from annotate.codebook import read_codebook  # noqa: E402
from annotate.store import Step, create_store  # noqa: E402
from annotate.store.migrations import STEPS  # noqa: E402


def main() -> None:
    place = HERE / f"version-{STEPS[-1].version}.db"
    with filled(create_store(HERE / "making.db", read_codebook(), now=Ticks())) as store:
        store.add_coder("lead", role="lead")
        first = judge(store, "old-1", 1, "factual_claim").event
        judge(store, "old-2", 1, "editorial_framing", base=first.seq, note="œ", active_ms=800)
        judge(store, "old-3", 2, None, kind="skip", note="cut off")
        judge(store, "old-4", 3)
        store.take(Step(client="old-5", coder="ana", round=1, kind="undo"))
        judge(store, "old-6", 1, coder="ben")
        judge(store, "old-7", 1, "quoted_official", coder="lead", kind="adjudication")
        store.backup(place)
    for path in HERE.glob("making.db*"):
        path.unlink()


main()
