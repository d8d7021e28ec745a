"""Stores to test: one in SQLite, the same in a real PostgreSQL server that the tests start and stop."""

from __future__ import annotations

import itertools

import pytest
from postgres import server
from stores import Ticks, filled

from annotate.codebook import read_codebook
from annotate.store import create_store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
def place(request, tmp_path):
    """Where a store can be made: a path, or the URL of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return request.getfixturevalue("postgres").emptied_database()


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def empty(place, ticks):
    """A store with nothing in it but its codebook."""
    with create_store(place, read_codebook(), now=ticks) as store:
        yield store


@pytest.fixture
def store(empty):
    """A store with three articles, two coders, and one round in which both code everything."""
    return filled(empty)


@pytest.fixture
def client():
    """Names that no entry had before."""
    numbers = itertools.count()
    return lambda: f"client-{next(numbers)}"
