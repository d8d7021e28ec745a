import pytest

from annotate.errors import DuplicateId, EmptyInput, NoSuchFile
from annotate.readers import read_articles


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.txt", "sub/.hidden.txt", "sub/picture.png"):
        path = tmp_path / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"This is {name}.\r\n".encode())
    return tmp_path / "news"


def ids(*sources, **options):
    return [article.id for article in read_articles(sources, **options)]


def test_articles_come_in_the_order_of_the_arguments(folder):
    assert ids(folder / "b.txt", folder / "a.txt") == ["b", "a"]


def test_a_folder_is_its_files_sorted_by_name(folder):
    assert ids(folder) == ["a", "b", "c"]


def test_a_pattern_is_its_matches_sorted_by_name(folder):
    assert ids(folder / "*.txt") == ["a", "b"]
    assert ids(f"{folder}/**/*.txt") == ["a", "b", "c"]


def test_text_and_source_are_kept(folder):
    (article,) = read_articles([folder / "a.txt"])
    assert (article.text, article.source) == ("This is a.txt.\r\n", str(folder / "a.txt"))


def test_an_encoding_that_is_not_utf8_is_reported(tmp_path):
    (tmp_path / "a.txt").write_text("One café.", encoding="utf-16")
    (article,) = read_articles([tmp_path / "a.txt"])
    assert article.metadata == {"encoding": "utf-16"}


def test_an_id_taken_twice_is_refused_with_both_files(folder):
    (folder / "sub" / "a.txt").write_text("Another a.")
    with pytest.raises(DuplicateId) as caught:
        ids(folder)
    assert str(folder / "a.txt") in str(caught.value)
    assert str(folder / "sub" / "a.txt") in str(caught.value)


def test_dedupe_keeps_the_first_and_says_so(folder):
    (folder / "sub" / "a.txt").write_text("Another a.")
    notes = []
    articles = list(read_articles([folder], dedupe=True, on_note=notes.append))
    assert [article.id for article in articles] == ["a", "b", "c"]
    assert articles[0].text == "This is a.txt.\r\n"
    assert "'a'" in notes[0]


def test_a_named_file_that_cannot_be_used_stops(folder):
    (folder / "b.txt").write_text("")
    with pytest.raises(EmptyInput):
        ids(folder / "a.txt", folder / "b.txt", on_bad_row=[].append)


def test_a_bad_file_in_a_folder_is_reported_and_the_rest_is_read(folder):
    (folder / "a.txt").write_text("")
    bad = []
    assert ids(folder, on_bad_row=bad.append) == ["b", "c"]
    assert bad == [f"{folder / 'a.txt'}: is empty"]


@pytest.mark.parametrize("options", [{"strict": True, "on_bad_row": [].append}, {}])
def test_a_bad_file_in_a_folder_stops_when_strict_or_unheard(folder, options):
    (folder / "b.txt").write_text("")
    with pytest.raises(EmptyInput):
        ids(folder, **options)


def test_a_folder_without_news_is_an_error(tmp_path):
    with pytest.raises(NoSuchFile, match="no file in it"):
        ids(tmp_path)


def test_a_pattern_without_matches_is_an_error(tmp_path):
    with pytest.raises(NoSuchFile, match="no file matches"):
        ids(tmp_path / "*.txt")


def test_a_link_to_the_folder_above_is_not_followed(folder):
    (folder / "sub" / "up").symlink_to(folder)
    assert ids(folder) == ["a", "b", "c"]


def test_a_folder_that_may_not_be_read_and_a_name_that_no_file_has_are_named(folder, monkeypatch):
    def refused(_):
        raise PermissionError(13, "Permission denied")

    with pytest.raises(NoSuchFile, match=r"cannot be read .File name too long"):
        ids("x" * 5000)
    monkeypatch.setattr("pathlib.Path.iterdir", refused)
    with pytest.raises(NoSuchFile, match=r"cannot be read .Permission denied.; check who may read it"):
        ids(folder)
