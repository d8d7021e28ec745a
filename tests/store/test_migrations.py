"""The schema step by step: old stores open, steps happen whole or not at all, and queries name what is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import inspect

from annotate.codebook import read_codebook
from annotate.errors import StoreRefused
from annotate.store import create_store, open_store, schema
from annotate.store.migrations import STEPS, Step, migrate, pending

OLD = Path(__file__).with_name("old")


@pytest.mark.parametrize("file", sorted(path.name for path in OLD.glob("*.db")))
def test_a_store_of_an_old_version_opens_and_goes_on(tmp_path, file):
    shutil.copyfile(OLD / file, tmp_path / "store.db")
    backups = []
    with open_store(tmp_path / "store.db", before_migration=backups.append) as store:
        assert store.verify().flaws == ()
        assert {(e.coder, e.unit): e.label for e in store.in_force(1)} == {
            ("ana", 1): "editorial_framing",
            ("ana", 2): None,
            ("ben", 1): "factual_claim",
        }
        assert [event.label for event in store.adjudicated(1)] == ["quoted_official"]
        assert [coder.key for coder in store.coders()] == ["ana", "ben", "lead"]
        assert store.find_page("story-001").article.outlet == "outlet-1"
    versions = {path.stem for path in OLD.glob("*.db")}
    assert bool(backups) == (file != f"version-{STEPS[-1].version}.db")
    assert versions == {f"version-{step.version}" for step in STEPS}


def test_each_step_is_recorded(empty):
    with empty.reading() as connection:
        applied = connection.execute(schema.migration.select()).all()
        assert [(row.version, row.name) for row in applied] == [step[:2] for step in STEPS]
        assert pending(connection) == []


def test_queries_name_the_tables_and_columns_that_are_there(empty):
    with empty.reading() as connection:
        found = inspect(connection)
        for table in schema.METADATA.sorted_tables:
            columns = {column["name"]: column for column in found.get_columns(table.name)}
            assert list(columns) == [column.name for column in table.columns]
            required = {name for name, column in columns.items() if not column["nullable"]}
            assert required == {column.name for column in table.columns if not column.nullable}
            keys = {key["constrained_columns"][0]: key["referred_table"] for key in found.get_foreign_keys(table.name)}
            assert keys == {key.parent.name: key.column.table.name for key in table.foreign_keys}


class Added(Step):
    """A step whose statements are written down here."""

    def statements(self, dialect):
        assert dialect in {"sqlite", "postgresql"}
        return ["CREATE TABLE extra (id INTEGER PRIMARY KEY)"] * (1 if self.name == "works" else 2)


def test_a_step_that_fails_leaves_the_store_as_it_was(empty):
    steps = (*STEPS, Added(99, "fails"))
    with pytest.raises(StoreRefused), empty.begin_writing() as connection:
        migrate(connection, steps)
    with empty.reading() as connection:
        assert not inspect(connection).has_table("extra")
        assert [step.version for step in pending(connection, steps)] == [99]


def test_a_step_that_works_is_done_once_and_its_store_refused_by_older_versions(place):
    steps = (*STEPS, Added(99, "works"))
    with create_store(place, read_codebook()) as store, store.begin_writing() as connection:
        migrate(connection, steps)
        migrate(connection, steps)
    with pytest.raises(StoreRefused, match="newer nutgraf"):
        open_store(place)


def test_a_backup_comes_before_the_step(tmp_path, monkeypatch):
    with create_store(tmp_path / "store.db", read_codebook()):
        pass
    monkeypatch.setattr("annotate.store.opening.pending", lambda _: [Added(99, "works")])
    monkeypatch.setattr(
        "annotate.store.opening.migrate", lambda connection: migrate(connection, (*STEPS, Added(99, "works")))
    )
    backup = tmp_path / "before.db"
    opened = open_store(tmp_path / "store.db", before_migration=lambda store: store.backup(backup))
    with opened, opened.reading() as connection:
        assert inspect(connection).has_table("extra")
    monkeypatch.undo()
    with open_store(backup) as store, store.reading() as connection:
        assert not inspect(connection).has_table("extra")
