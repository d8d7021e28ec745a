"""A project with a round, and patience that does not take any time."""

from __future__ import annotations

import msgspec
import pytest
from stores import filled

from annotate.codebook import fingerprint
from annotate.exchange.servers.patience import Patience, Watch
from annotate.store import create_store


class Heard(Watch):
    def __init__(self):
        self.lines, self.expected, self.steps = [], [], 0

    def expect(self, steps, what):
        self.expected.append((what, steps))

    def step(self, steps):
        self.steps += steps

    def tell(self, line):
        self.lines.append(line)


@pytest.fixture
def store(tmp_path, codebook):
    """Three articles of eight units, all to be coded by ana and ben."""
    with create_store(tmp_path / "store.db", codebook) as store:
        yield filled(store, per_article=8)


@pytest.fixture
def patience():
    time = 0.0

    def sleep(seconds):
        nonlocal time
        time += seconds

    return Patience(10, Heard(), sleep=sleep, clock=lambda: time)


@pytest.fixture
def changed(codebook):
    """The codebook with another definition of its first label."""
    first, *others = codebook.labels
    labels = (msgspec.structs.replace(first, definition="Whatever is no part of the story."), *others)
    unnamed = msgspec.structs.replace(codebook, labels=labels, version="2")
    return msgspec.structs.replace(unnamed, fingerprint=fingerprint(unnamed))
