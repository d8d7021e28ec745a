"""Projects that are being served."""

from __future__ import annotations

import msgspec
import pytest
from sessions import CODERS, HASHED, Served
from stores import everything_round, news, story

from annotate.codebook import read_codebook
from annotate.store import RoundSettings, create_store


@pytest.fixture
def empty(tmp_path):
    """A store with people: a lead, two coders, an adjudicator, each with a password."""
    with create_store(tmp_path / "store.db", read_codebook()) as store:
        store.add_coder("lea", name="Lea", role="lead", password=HASHED)
        store.add_coder("jo", name="Jo", role="adjudicator", password=HASHED)
        for coder in CODERS:
            store.add_coder(coder, name=coder.title(), password=HASHED)
        yield store


@pytest.fixture
def served(empty):
    """Three short articles that both coders have in one round."""
    empty.add_articles(news(3))
    everything_round(empty, "pilot", CODERS)
    return Served(empty)


@pytest.fixture
def serve_story(empty):
    """Serve one article of the sentences given."""

    def serve(*texts, settings=None, **article):
        made, sentences = story("tale", *texts)
        empty.add_articles([(msgspec.structs.replace(made, **article), sentences)])
        everything_round(empty, "pilot", CODERS, settings=settings or RoundSettings())
        return Served(empty)

    return serve
