"""Power cuts, full disks, clocks set back, two servers: what was acknowledged stays, what was not leaves no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from stores import Ticks, everything_round, filled, judge

from annotate.codebook import read_codebook
from annotate.errors import OutputExists, OutputFailed, ProjectError, StoreRefused
from annotate.store import Decision, create_store, open_store

CODING = Path(__file__).with_name("coding.py")


def coding(place, *arguments):
    """Start a process that codes as fast as it can and prints every acknowledged client id."""
    command = [sys.executable, str(CODING), place, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_no_acknowledged_decision_is_lost_or_doubled_by_kill_9(place):
    with create_store(place, read_codebook()) as store:
        filled(store, n_articles=40, per_article=12)
    acknowledged = []
    kills = 5 if place.startswith("postgresql") else 20
    for kill in range(kills):
        process = coding(place, kill)
        acknowledged += [process.stdout.readline().strip() for _ in range(3 + kill)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.read().split("\n")[:-1]  # a line that was cut off was never told
        process.wait()
        process.stdout.close()
    with open_store(place) as store:
        store.own()
        decided = [event.client for event in store.events() if event.kind == "judgment"]
        assert store.verify().flaws == ()
    assert len(decided) == len(set(decided))
    assert set(acknowledged) <= set(decided)
    # At each kill one decision at most was on its way, and one acknowledgement cut off.
    assert len(decided) - len(acknowledged) <= 2 * kills


def test_a_full_disk_is_said_loudly_and_nothing_is_half_written(tmp_path, client):
    with filled(create_store(tmp_path / "store.db", read_codebook())) as store:
        with store.begin_writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        # The limit belongs to the connection that writes.
        store.write(
            lambda transaction: transaction.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").close()
        )
        stored = []
        with pytest.raises(OutputFailed, match=r"disk is full.*nothing was stored"):
            stored.extend(judge(store, client(), unit, note="x" * 9000).event for unit in range(1, 13))
        assert [event.seq for event in store.in_force(1)] == [event.seq for event in stored]
        assert store.verify().flaws == ()
        store.write(lambda transaction: transaction.connection.exec_driver_sql("PRAGMA max_page_count=100000").close())
        assert judge(store, client(), 12, note="x" * 9000).outcome == "stored"


def test_a_file_that_may_not_grow_stops_the_coding_and_keeps_what_was_acknowledged(tmp_path):
    place = tmp_path / "store.db"
    with create_store(place, read_codebook()) as store:
        filled(store, n_articles=40, per_article=12)
    process = coding(str(place), 0, "--file-size", place.stat().st_size)
    out, _ = process.communicate(timeout=60)
    *acknowledged, last = out.splitlines()
    assert "disk is full" in last
    with open_store(place) as store:
        assert store.verify().flaws == ()
        assert set(acknowledged) <= {event.client for event in store.events()}
        assert len(acknowledged) < 400


def test_time_in_the_ledger_never_runs_backwards(store, ticks, client):
    before = judge(store, client(), 1).event.server_time
    ticks.now -= 10**12
    events = [judge(store, client(), unit).event for unit in (2, 3)]
    assert [event.server_time for event in events] == [before, before]
    ticks.now += 2 * 10**12
    assert judge(store, client(), 4).event.server_time > before
    assert store.verify().flaws == ()


def test_a_second_session_on_one_project_is_refused(place):
    with create_store(place, read_codebook()) as first, open_store(place) as second:
        first.own()
        with pytest.raises(StoreRefused, match="another session is running"):
            second.own()


def test_a_session_that_was_killed_does_not_block_the_next(place):
    with create_store(place, read_codebook()) as store:
        filled(store)
    process = coding(place, 0)
    process.stdout.readline()
    with open_store(place) as store:
        with pytest.raises(StoreRefused, match="another session"):
            store.own()
        process.kill()
        process.communicate()
        _own_once_the_system_noticed(store)


def _own_once_the_system_noticed(store):
    """Take the right to serve; PostgreSQL takes a moment to see that a client is gone."""
    while True:
        try:
            return store.own()
        except StoreRefused:
            assert store.engine.dialect.name == "postgresql"


def test_who_serves_may_ask_again(place):
    with create_store(place, read_codebook()) as store:
        store.own()
        store.own()


@pytest.mark.e2e
def test_connections_that_the_server_dropped_are_made_anew(postgres, client):
    place = postgres.new_database()
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with filled(create_store(place, read_codebook())) as store:
        store.own()
        judge(store, client(), 1)
        with psycopg.connect(place) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        assert judge(store, client(), 2).outcome == "stored"
        store.own()
        with open_store(place) as other, pytest.raises(StoreRefused, match="another session"):
            other.own()
        assert store.verify().flaws == ()


def test_a_session_that_ended_leaves_the_project_to_the_next(place):
    with create_store(place, read_codebook()) as store:
        store.own()
    with open_store(place) as store:
        store.own()


def test_two_processes_write_one_chain(place, ticks, client):
    with filled(create_store(place, read_codebook(), now=ticks)) as one, open_store(place, now=ticks) as other:
        for unit in range(1, 7):
            assert judge(one, client(), unit, coder="ana").outcome == "stored"
            assert judge(other, client(), unit, coder="ben").outcome == "stored"
        assert judge(other, client(), 1, "editorial_framing", coder="ana").outcome == "stale"
        assert one.verify().flaws == ()


def test_what_was_queued_is_stored_before_the_store_closes(place, client):
    with filled(create_store(place, read_codebook())) as store:
        entries = [
            Decision(client=client(), coder="ana", round=1, unit=unit, label="factual_claim") for unit in range(1, 13)
        ]
        futures = [store.submit(entry) for entry in entries]
    assert all(future.result().outcome == "stored" for future in futures)
    with pytest.raises(StoreRefused, match="closed"):
        store.submit(entries[0])


class TestOpening:
    def test_nothing_is_overwritten(self, place):
        create_store(place, read_codebook()).close()
        with pytest.raises(OutputExists):
            create_store(place, read_codebook())

    def test_what_is_not_there_is_said(self, tmp_path):
        with pytest.raises(ProjectError, match="nutgraf new"):
            open_store(tmp_path / "nothing.db")
        assert not (tmp_path / "nothing.db").exists()

    @pytest.mark.parametrize(
        "content", [b"", b"not a database at all, but text" * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
    )
    def test_what_is_no_project_is_refused(self, tmp_path, content):
        (tmp_path / "store.db").write_bytes(content)
        with pytest.raises(StoreRefused):
            open_store(tmp_path / "store.db")
        assert (tmp_path / "store.db").read_bytes() == content

    @pytest.mark.parametrize("url", ["mysql://host/x", "postgresql", "://", "sqlite://"])
    def test_other_databases_are_refused(self, url):
        with pytest.raises(ProjectError):
            open_store(url)

    @pytest.mark.e2e
    def test_a_server_that_does_not_answer_is_named_without_the_password(self):
        with pytest.raises(StoreRefused) as refused:
            open_store("postgresql://ana:geheim@127.0.0.1:1/project")
        assert "geheim" not in str(refused.value)
        assert "127.0.0.1" in str(refused.value)


def test_every_commit_is_synchronised(tmp_path):
    with create_store(tmp_path / "store.db", read_codebook(), now=Ticks()) as store, store.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode")
        }
    assert pragmas == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_rounds_made_meanwhile_by_another_process_can_be_coded(place, client):
    with filled(create_store(place, read_codebook())) as one, open_store(place) as other:
        everything_round(other, "second")
        assert judge(one, client(), 1, round=2).outcome == "stored"
