import gzip
import json

import msgspec
import pytest

from annotate.errors import FormatError, InputError, NoSuchFile, OutputExists
from annotate.gold import read_documents
from annotate.gold import sources as gold_sources
from annotate.gold.rebuild import rebuild
from annotate.gold.sources import REPOSITORIES, GitHub, LocalCopies, Seeds


def states(outcomes):
    return {outcome.document.document: outcome.state for outcome in outcomes}


def written(folder):
    return {path.stem: path.read_bytes().decode("utf-8") for path in folder.iterdir()}


def local(folder, release):
    return [LocalCopies(folder, release.documents)]


def test_clones_of_the_repositories_give_every_text(tmp_path, release):
    shelves = local(release.clones(tmp_path / "clones"), release)
    assert set(states(rebuild(release.documents, shelves, tmp_path / "out")).values()) == {"made"}
    assert written(tmp_path / "out") == release.texts


def test_the_files_give_the_texts_in_any_arrangement(tmp_path, release):
    clones = release.clones(tmp_path / "clones")
    flat = tmp_path / "flat" / "deep" / "er"
    flat.mkdir(parents=True)
    for path in sorted(clones.rglob("*")):
        if path.is_file():
            path.rename(flat / path.name)
    (flat / "0a.html.gz").write_bytes(gzip.decompress((flat / "0a.html.gz").read_bytes()))
    (flat / "0a.html.gz").rename(flat / "0a.html")
    (flat / "articles.json").rename(flat.parent / "ground-truth.json")
    assert set(states(rebuild(release.documents, local(tmp_path / "flat", release), tmp_path / "out")).values()) == {
        "made"
    }
    assert written(tmp_path / "out") == release.texts


def test_finished_texts_are_taken_as_they_are(tmp_path, release):
    (tmp_path / "aeb-0a.txt").write_bytes(release.texts["aeb-0a"].encode("utf-8"))
    outcomes = rebuild(release.documents, local(tmp_path, release), tmp_path / "out")
    assert states(outcomes) == {"aeb-0a": "found", "n4k-0b": "missing", "pol-c": "missing"}
    assert written(tmp_path / "out") == {"aeb-0a": release.texts["aeb-0a"]}


def test_a_source_that_gives_another_text_is_told_and_nothing_written_of_it(tmp_path, release):
    clones = release.clones(tmp_path / "clones")
    page = clones / "article-extraction-dataset" / "html" / "0b.html"
    page.write_text(page.read_text("utf-8").replace("before Friday", "before Sunday"), "utf-8")
    vote = clones / "PolNeAR" / "data" / "train" / "text" / "the vote.txt"
    vote.write_bytes(vote.read_bytes().replace(b"\r\n", b"\n"))
    outcomes = rebuild(release.documents, local(clones, release), tmp_path / "out")
    assert states(outcomes) == {"aeb-0a": "made", "n4k-0b": "changed", "pol-c": "changed"}
    assert written(tmp_path / "out") == {"aeb-0a": release.texts["aeb-0a"]}


def test_one_good_copy_among_bad_ones_is_enough(tmp_path, release):
    clones = release.clones(tmp_path / "clones")
    for name, content in (("0a.html", "<p>Another page.</p>"), ("the vote.txt", "Another vote."), ("n4k-0b.txt", "?")):
        (clones / name).write_text(content)
    (clones / "articles.json").write_text(json.dumps({"0a": {"articleBody": ""}, "0b": {"articleBody": "Another."}}))
    assert set(states(rebuild(release.documents, local(clones, release), tmp_path / "out")).values()) == {"made"}
    assert written(tmp_path / "out") == release.texts


def test_a_page_without_its_body_is_missing(tmp_path, release):
    clones = release.clones(tmp_path / "clones")
    (clones / "article-extraction-dataset" / "articles.json").unlink()
    assert states(rebuild(release.documents, local(clones, release), tmp_path / "out"))["n4k-0b"] == "missing"


def test_hidden_folders_are_not_searched(tmp_path, release):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "aeb-0a.txt").write_text(release.texts["aeb-0a"])
    with pytest.raises(NoSuchFile, match="holds nothing that gold documents are made of"):
        LocalCopies(tmp_path, release.documents)


def test_a_folder_that_is_none_is_refused(tmp_path, release):
    with pytest.raises(NoSuchFile, match="is not a folder"):
        LocalCopies(tmp_path / "no", release.documents)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"0b": {"body": "x"}}', '{"0b": {"articleBody": null}}', "\udcff", "[" * 10**5]
)
def test_a_damaged_file_of_bodies_is_refused_by_name(tmp_path, release, content):
    clones = release.clones(tmp_path / "clones")
    bodies = clones / "article-extraction-dataset" / "articles.json"
    bodies.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(FormatError) as caught:
        LocalCopies(clones, release.documents)
    assert caught.value.where == str(bodies)


def test_a_run_goes_on_where_another_stopped(tmp_path, release):
    clones, out = release.clones(tmp_path / "clones"), tmp_path / "out"
    next(iter(rebuild(release.documents, local(clones, release), out)))
    assert list(written(out)) == ["aeb-0a"]
    outcomes = rebuild(release.documents, local(clones, release), out)
    assert states(outcomes) == {"aeb-0a": "kept", "n4k-0b": "made", "pol-c": "made"}
    assert written(out) == release.texts


def test_a_file_in_the_way_is_overwritten_only_when_told(tmp_path, release):
    clones, out = release.clones(tmp_path / "clones"), tmp_path / "out"
    out.mkdir()
    (out / "pol-c.txt").write_text("my notes")
    with pytest.raises(OutputExists, match=r"pol-c\.txt: is not the text of pol-c"):
        states(rebuild(release.documents, local(clones, release), out))
    assert written(out) == {"pol-c": "my notes"}
    assert states(rebuild(release.documents, local(clones, release), out, force=True))["pol-c"] == "made"
    assert written(out) == release.texts


def test_the_seeds_come_with_nutgraf(tmp_path):
    seeds = [document for document in read_documents().values() if document.source == "seeds"]
    assert len(seeds) == 2
    assert states(rebuild(seeds, [Seeds()], tmp_path)) == {seed.document: "made" for seed in seeds}
    assert {f"seeds/{path.name}" for path in tmp_path.iterdir()} == {seed.path for seed in seeds}


def test_github_gives_every_text_and_is_asked_once_for_each_file(tmp_path, release, server):
    outcomes = states(rebuild(release.documents, [GitHub(server.url + "/")], tmp_path))
    assert set(outcomes.values()) == {"made"}
    assert written(tmp_path) == release.texts
    commits = {name: repository.commit for name, repository in REPOSITORIES.items()}
    old, new, political = (f"/{name}/{commit}" for name, commit in commits.items())
    assert server.asked == [
        f"{old}/html/0a.html.gz",
        f"{old}/ground-truth.json",
        f"{new}/html/0b.html",
        f"{new}/articles.json",
        f"{political}/data/train/text/the%20vote.txt",
    ]


def test_only_what_is_not_at_hand_is_fetched(tmp_path, release, server):
    clones = release.clones(tmp_path / "clones")
    (clones / "PolNeAR" / "data" / "train" / "text" / "the vote.txt").unlink()
    shelves = [*local(clones, release), GitHub(server.url)]
    assert set(states(rebuild(release.documents, shelves, tmp_path / "out")).values()) == {"made"}
    assert [path.rsplit("/", 1)[1] for path in server.asked] == ["the%20vote.txt"]


def test_a_file_that_is_gone_from_the_server_is_missing(tmp_path, release, server):
    political = REPOSITORIES["networkdynamics/PolNeAR"]
    (server.folder / political.name / political.commit / "data/train/text/the vote.txt").unlink()
    bodies = REPOSITORIES["AndyTheFactory/article-extraction-dataset"]
    (server.folder / bodies.name / bodies.commit / "articles.json").unlink()
    outcomes = rebuild(release.documents, [GitHub(server.url)], tmp_path)
    assert states(outcomes) == {"aeb-0a": "made", "n4k-0b": "missing", "pol-c": "missing"}


def test_a_server_that_refuses_stops_the_run_and_keeps_what_is_there(tmp_path, release, server):
    *others, last = release.documents
    documents = [*others, msgspec.structs.replace(last, path="data/teapot.txt")]
    with pytest.raises(
        InputError, match=r"teapot\.txt: could not be fetched \(the server answered 418 .*what is there is kept"
    ):
        states(rebuild(documents, [GitHub(server.url)], tmp_path))
    assert sorted(written(tmp_path)) == ["aeb-0a", "n4k-0b"]


def test_a_server_that_cannot_be_reached_stops_the_run(tmp_path, release, server):
    url = server.url
    server.server_close()
    with pytest.raises(InputError, match=r"could not be fetched .*use --text"):
        states(rebuild(release.documents, [GitHub(url)], tmp_path))


def test_a_file_larger_than_any_source_is_not_fetched_whole(tmp_path, release, server, monkeypatch):
    monkeypatch.setattr(gold_sources, "MAX_FILE", 100)
    with pytest.raises(InputError, match=r"0a\.html\.gz: is larger than"):
        states(rebuild(release.documents, [GitHub(server.url)], tmp_path))


def test_a_download_that_is_damaged_is_refused(tmp_path, release, server):
    old = REPOSITORIES["scrapinghub/article-extraction-benchmark"]
    page = server.folder / old.name / old.commit / "html/0a.html.gz"
    page.write_bytes(page.read_bytes()[:-20])
    with pytest.raises(FormatError, match=r"0a\.html\.gz: the compressed file is damaged"):
        states(rebuild(release.documents, [GitHub(server.url)], tmp_path))
