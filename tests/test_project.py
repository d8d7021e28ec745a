from __future__ import annotations

import itertools
import os
import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest
from stores import filled, judge

from annotate.codebook import read_codebook
from annotate.errors import CodebookError, OutputExists, ProjectError, StoreRefused
from annotate.project import KEEP, create_project, examine, open_project, repair
from annotate.store import backups

CODEBOOK = """\
name = "Blame"
version = "1"
guidelines = "how to code.md"
[[label]]
key = "blames"
name = "blames"
[[label]]
key = "none"
name = "none"
"""


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "floods", seed=7, lead="ana")


@pytest.fixture
def client():
    numbers = itertools.count()
    return lambda: f"client-{next(numbers)}"


@pytest.fixture
def own_codebook(tmp_path):
    (tmp_path / "codebook").mkdir()
    (tmp_path / "codebook" / "how to code.md").write_text("Read twice.\n")
    path = tmp_path / "codebook" / "blame.toml"
    path.write_text(CODEBOOK)
    return path


class TestANewProject:
    def test_holds_settings_codebook_and_store(self, project):
        assert sorted(path.name for path in project.folder.iterdir()) == [
            "codebook.md",
            "codebook.toml",
            "nutgraf.toml",
            "store.db",
        ]
        assert open_project(project.folder) == project
        with project.store() as store:
            assert store.codebook() == read_codebook()
            assert [(coder.key, coder.role) for coder in store.coders()] == [("ana", "lead")]

    def test_takes_a_codebook_with_its_guidelines(self, tmp_path, own_codebook):
        project = create_project(tmp_path / "p", seed=1, codebook=own_codebook)
        assert project.codebook() == read_codebook(own_codebook)
        assert (project.folder / "how to code.md").read_text() == "Read twice.\n"

    def test_is_read_by_its_owner_only(self, project):
        assert stat.S_IMODE((project.folder / "store.db").stat().st_mode) == 0o600
        with project.store() as store:
            assert stat.S_IMODE(project.backup(store).stat().st_mode) == 0o600

    def test_may_be_made_in_an_empty_folder_and_never_in_a_full_one(self, tmp_path):
        (tmp_path / "empty").mkdir()
        create_project(tmp_path / "empty", seed=1)
        with pytest.raises(OutputExists, match="not empty"):
            create_project(tmp_path / "empty", seed=1)

    @pytest.mark.parametrize("name", ["Über «Fluten» 🌊", 'quotes " and \\ strokes', "right \u202eto left\u2028"])
    def test_may_have_any_name(self, tmp_path, name):
        create_project(tmp_path / "p", seed=1, name=name)
        assert open_project(tmp_path / "p").settings.name == name

    def test_that_can_not_be_made_leaves_nothing(self, tmp_path, own_codebook):
        own_codebook.write_text(CODEBOOK.replace("how to code.md", "../codebook/how to code.md"))
        with pytest.raises(CodebookError, match="put them beside it"):
            create_project(tmp_path / "p", seed=1, codebook=own_codebook)
        with pytest.raises(StoreRefused):
            create_project(tmp_path / "p", seed=1, database="mysql://host/db")
        with pytest.raises(ProjectError, match="too large"):
            create_project(tmp_path / "p", seed=2**80)
        assert not (tmp_path / "p").exists()

    def test_keeps_no_password(self, tmp_path):
        with pytest.raises(ProjectError, match="PGPASSWORD") as refused:
            create_project(tmp_path / "p", seed=1, database="postgresql://ana:geheim@db/floods")
        assert "geheim" not in str(refused.value)

    @pytest.mark.e2e
    def test_may_keep_its_store_in_postgresql(self, tmp_path):
        from postgres import server

        with server() as running:
            url = running.new_database()
            project = create_project(tmp_path / "p", seed=1, database=url)
            with project.store() as store:
                filled(store)
                assert project.backup(store).read_bytes()[:5] == b"PGDMP"
            with pytest.raises(OutputExists, match="a project already"):
                create_project(tmp_path / "q", seed=1, database=url)


class TestSettings:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is not understood"),
            ("name = 1\nseed = 1", "is not understood"),
            ('name = "x"\nseed = 1\ncolour = "red"', "colour"),
            ('name = "x"\nseed = 1\nlanguage = "tlh"', "no rules for the language 'tlh'"),
            ('name = "x', "is not understood"),
        ],
    )
    def test_that_are_wrong_are_said_to_be(self, tmp_path, text, message):
        (tmp_path / "nutgraf.toml").write_text(text)
        with pytest.raises(ProjectError, match=message):
            open_project(tmp_path)

    def test_that_are_not_text_are_refused(self, tmp_path):
        (tmp_path / "nutgraf.toml").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ProjectError, match="is not understood"):
            open_project(tmp_path)

    def test_are_looked_for_in_the_folder_named(self, tmp_path):
        with pytest.raises(ProjectError, match="nutgraf new"):
            open_project(tmp_path)


class TestBackups:
    def test_are_made_daily_and_the_newest_kept(self, project):
        with project.store() as store:
            first = project.daily_backup(store)
            assert project.daily_backup(store) is None
            for day in range(KEEP + 3):
                old = project.backups / f"store-202301{day + 1:02d}T000000Z.db"
                old.write_bytes(b"")
                os.utime(old, (day, day))
            tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
            os.utime(first, (0, 0))
            assert project.daily_backup(store, now=tomorrow) is not None
        assert len(backups(project.backups)) == KEEP

    def test_hold_everything_while_coders_work(self, project, client):
        with project.store() as store:
            filled(store, coders=("ben", "cleo"))
            judge(store, client(), 1, coder="ben")
            copy = project.backup(store)
            judge(store, client(), 2, coder="ben")
        copy.replace(project.folder / "store.db")
        with project.store() as store:
            assert [event.unit for event in store.in_force(1)] == [1]
            assert store.verify().flaws == ()

    def test_are_never_overwritten(self, project, tmp_path):
        with project.store() as store:
            store.backup(tmp_path / "copy.db")
            with pytest.raises(OutputExists):
                store.backup(tmp_path / "copy.db")
            store.backup(tmp_path / "copy.db", force=True)


class TestExamining:
    def states(self, project):
        return {finding.state for finding in examine(project)}

    def test_a_sound_project_finds_nothing_but_a_missing_backup(self, project):
        (found,) = [finding for finding in examine(project) if finding.state != "ok"]
        assert found.remedy == "nutgraf backup"

    def test_says_that_the_codebook_differs(self, project):
        (project.folder / "codebook.md").write_text("Other guidelines.\n")
        assert any("nutgraf codebook" in finding.remedy for finding in examine(project))
        (project.folder / "codebook.toml").unlink()
        assert any("codebook.toml" in finding.line for finding in examine(project))
        assert "broken" not in self.states(project)

    def test_says_that_the_database_is_gone_or_damaged(self, project):
        (project.folder / "store.db").write_bytes(b"nothing of the sort")
        assert "broken" in self.states(project)
        (project.folder / "store.db").unlink()
        assert "broken" in self.states(project)

    def test_offers_to_rebuild_what_the_ledger_tells(self, project, client):
        with project.store() as store:
            filled(store, coders=("ben",))
            judge(store, client(), 1, coder="ben")
        with sqlite3.connect(project.folder / "store.db") as connection:
            connection.execute("UPDATE assignment SET decision = NULL, label = NULL")
        connection.close()
        assert any(finding.mendable for finding in examine(project))
        saved, wrong = repair(project)
        assert (saved, wrong) == (backups(project.backups)[-1], 1)
        assert "broken" not in self.states(project)

    def test_rebuilds_nothing_while_a_session_runs_or_from_a_ledger_that_was_changed(self, project, client):
        with project.store() as store:
            filled(store, coders=("ben",))
            judge(store, client(), 1, coder="ben")
            store.own()
            with pytest.raises(StoreRefused, match="another session"):
                repair(project)
        with sqlite3.connect(project.folder / "store.db") as connection:
            connection.execute("DROP TRIGGER event_no_update")
            connection.execute("UPDATE event SET label = 'editorial_framing' WHERE kind = 'judgment'")
        connection.close()
        with pytest.raises(StoreRefused, match="restore"):
            repair(project)
        assert backups(project.backups) == []
