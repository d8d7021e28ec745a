"""Code as fast as possible, owning the project, and print each client id once it is acknowledged; to be killed."""

from __future__ import annotations

import argparse
import resource
import signal
import sys

from annotate.errors import NutgrafError, StoreRefused
from annotate.store import Decision, open_store

LABELS = ("factual_claim", "quoted_official", "editorial_framing")


def decisions(store, run):
    """Yield decisions on every unit, again and again, two coders in turn, each with another label than stands there."""
    n = 0
    while True:
        for unit in (frame.unit for frame in store.frame()):
            for coder in ("ana", "ben"):
                ((_, now),) = store.assigned(1, coder, [unit]).items()
                label = LABELS[(LABELS.index(now.label) + 1) % 3] if now.label else LABELS[0]
                n += 1
                yield Decision(
                    client=f"{run}-{n}", coder=coder, round=1, unit=unit, label=label, base=now.decision, note="x" * 200
                )


def tell(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def own(store):
    """Take the right to serve; PostgreSQL takes a moment to see that the last process was killed."""
    while True:
        try:
            return store.own()
        except StoreRefused:
            if store.engine.dialect.name == "sqlite":
                raise


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("place")
    parser.add_argument("run")
    parser.add_argument("--file-size", type=int)
    arguments = parser.parse_args()
    if arguments.file_size:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.file_size, arguments.file_size))
    with open_store(arguments.place) as store:
        own(store)
        try:
            for decision in decisions(store, arguments.run):
                assert store.take(decision).outcome == "stored"
                tell(decision.client)
        except NutgrafError as error:
            tell(error)


main()
