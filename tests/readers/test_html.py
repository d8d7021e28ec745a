import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError, MissingExtra
from annotate.readers import read_articles
from annotate.readers.blocks import PageBlock
from annotate.readers.body import body_blocks
from annotate.readers.html import decode_page

PARAGRAPHS = [
    (
        "The harbour council voted on Monday evening to close the eastern pier to all traffic until the spring, after "
        "engineers had found deep cracks in nine of the forty pillars that carry it over the water."
    ),
    (
        "“We were told about it by the newspaper,” said Anna Lind, who has sold fish on the pier for thirty years, and "
        "who does not know where she will put up her stall when the gates are locked on the first of the month."
    ),
    (
        "The repair will cost four million crowns, the council’s treasurer said, and will be paid from the fund "
        "that was set aside for the new library, which will open a year later than had been promised to its readers."
    ),
]
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Council closes pier | The Harbour Gazette</title>
<meta charset="utf-8"><meta property="og:site_name" content="The Harbour Gazette">
<meta property="og:title" content="Council closes pier"><meta name="author" content="Jonas Berg">
<meta property="article:published_time" content="2023-10-09T18:30:00Z">
<link rel="canonical" href="https://gazette.example/2023/pier"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Council closes pier</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
<p><a href="/x">Related: Last summer on the eastern pier, in forty pictures</a></p></article>
<aside><h3>Subscribe</h3><p>Get the Gazette every morning for one crown a day.</p></aside></body></html>"""


def read(tmp_path, raw, name="pier.html", **options):
    path = tmp_path / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    (article,) = read_articles([path], **options)
    return article


@pytest.fixture
def article(tmp_path):
    return read(tmp_path, PAGE)


def test_all_blocks_are_the_text_and_know_their_place(article):
    texts = [article.text[block.start : block.end] for block in article.blocks]
    assert article.text == "\n\n".join(texts) + "\n"
    assert texts[:3] == ["Home", "Sport", "Council closes pier"]
    assert texts[-1].startswith("Get the Gazette")


def test_the_articles_body_is_marked_and_what_stands_around_it_is_kept(article):
    body = [article.text[block.start : block.end] for block in article.blocks if block.body]
    assert body == PARAGRAPHS
    assert all(block.body is False for block in article.blocks if block.path == "body/aside/p")


def test_what_the_page_says_of_the_article_is_kept(article):
    assert article.id == "pier"
    assert article.title == "Council closes pier"
    assert article.outlet == "The Harbour Gazette"
    assert article.byline == "Jonas Berg"
    assert article.published == "2023-10-09"
    assert article.url == "https://gazette.example/2023/pier"
    assert article.language == "en-GB"


def test_headings_links_and_copies_are_told(article):
    by_text = {article.text[block.start : block.end]: block for block in article.blocks}
    assert by_text["Council closes pier"].heading == 1
    assert by_text["Home"].link_density == 1.0
    assert by_text["Home"].copies == 1


def test_a_page_without_article_has_blocks_of_unknown_standing(tmp_path):
    article = read(tmp_path, "<html><body><div></div><p>x</p></body></html>")
    assert [(article.text[b.start : b.end], b.body in {None, True}) for b in article.blocks] == [("x", True)]


def test_reading_a_page_leaves_the_terminal_alone(tmp_path, capfd):
    read(tmp_path, "<html><body><p>x</p></body></html>")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("codec", "declaration"),
    [
        ("cp1252", '<meta charset="iso-8859-1">'),
        ("cp1252", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'),
        ("cp1252", ""),
        ("utf-16", ""),
        ("utf-16-le", ""),
        ("utf-8-sig", ""),
        ("utf-8", '<meta charset="windows-1252">'.replace("windows-1252", "utf-16")),
    ],
)
def test_a_page_is_decoded_by_mark_declaration_or_letters(tmp_path, codec, declaration):
    page = PAGE.replace('<meta charset="utf-8">', declaration)
    article = read(tmp_path, page.encode(codec))
    assert "“We were told" in article.text
    assert article.metadata.get("encoding", "utf-8") == ("utf-8" if codec == "utf-8-sig" else codec)


def test_an_encoding_that_is_not_utf8_is_noted(tmp_path):
    notes = []
    read(tmp_path, PAGE.replace('<meta charset="utf-8">', "").encode("cp1252"), on_note=notes.append)
    assert notes == [f"{tmp_path / 'pier.html'}: read as cp1252"]


def test_the_server_knows_the_encoding_better_than_the_page():
    page = '<meta charset="utf-8"><p>Größe'.encode("cp1252")
    assert decode_page(page, where="x", charset="ISO-8859-1") == ('<meta charset="utf-8"><p>Größe', "cp1252")


@pytest.mark.parametrize("charset", ["klingon", "", "zlib", None, "utf-8\x00"])
def test_a_charset_that_is_none_is_passed_over(charset):
    assert decode_page("<p>Größe".encode(), where="x", charset=charset).text == "<p>Größe"


def test_one_odd_byte_does_not_make_utf8_something_else():
    raw = ("<p>“Größe”, “Übermut”</p>" * 9).encode() + b"\xff"
    assert decode_page(raw, where="x") == (("<p>“Größe”, “Übermut”</p>" * 9) + "\ufffd", "utf-8")


def test_a_forced_encoding_is_demanded(tmp_path):
    with pytest.raises(EncodingError, match="is not utf-8"):
        read(tmp_path, b"<p>caf\xe9", encoding="utf-8")


def test_a_compressed_page_is_a_page(tmp_path):
    assert read(tmp_path, gzip.compress(PAGE.encode()), "pier.html.gz").id == "pier"


@pytest.mark.parametrize("raw", [b"", b"<html></html>", b"<html><script>x</script>"])
def test_a_page_without_text_is_empty(tmp_path, raw):
    with pytest.raises(EmptyInput, match=r"pier\.html: there is no text"):
        read(tmp_path, raw)


def test_what_is_no_page_is_named(tmp_path):
    with pytest.raises(FormatError, match="looks like a PDF"):
        read(tmp_path, b"%PDF-1.7 ...")


def test_a_page_larger_than_any_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("annotate.readers.html.MAX_PAGE", 1 << 20)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read(tmp_path, gzip.compress(b"".join(b"<p>%d" % i for i in range(200_000)), 1))


def test_a_page_of_more_blocks_than_any_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("annotate.readers.blocks._MAX_BLOCKS", 3)
    with pytest.raises(FormatError, match=r"pier\.html: has more than 3 blocks"):
        read(tmp_path, PAGE)


def test_a_body_does_not_end_with_a_heading_nor_begin_with_the_headline():
    texts = ["Council closes pier", *PARAGRAPHS, "You may also like these"]
    blocks = [PageBlock(text, "p", 0.0, heading) for text, heading in zip(texts, [1, None, None, None, 3], strict=True)]
    assert body_blocks(blocks, "\n".join(texts)) == [False, True, True, True, False]


def test_links_are_the_body_where_the_article_is_made_of_them():
    blocks = [PageBlock(text, "li", 1.0, None) for text in PARAGRAPHS]
    assert body_blocks(blocks, "\n".join(PARAGRAPHS)) == [True] * 3


@pytest.mark.parametrize("part", ["lxml", "trafilatura"])
def test_without_the_extra_the_line_that_installs_it_is_given(tmp_path, monkeypatch, part):
    monkeypatch.setitem(__import__("sys").modules, part, None)
    with pytest.raises(MissingExtra, match=r"nutgraf\[web\]"):
        read(tmp_path, PAGE)


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(raw):
    try:
        text, encoding = decode_page(raw, where="x")
    except FormatError:
        return
    assert raw.decode(encoding, "replace") == text
