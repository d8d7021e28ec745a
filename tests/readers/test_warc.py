import gzip
import io
import zipfile
import zlib

import brotli
import pytest
from backports import zstd

from annotate.errors import EmptyInput, FormatError, InputError, MissingExtra
from annotate.readers import read_articles
from annotate.readers.http import parse_response, unpack


def page(text):
    return f"<html><body><p>{text}</p></body></html>".encode()


def record(
    url,
    body,
    *,
    content_type="text/html; charset=utf-8",
    headers="",
    status="200 OK",
    kind="response",
    date="2020-01-01T00:00:00Z",
    length=None,
    protocol="HTTP/1.1",
):
    response = f"{protocol} {status}\r\nContent-Type: {content_type}\r\n{headers}\r\n".encode() + body
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {length or len(response)}\r\n\r\n"
    )
    return head.encode() + response + b"\r\n\r\n"


def url(name):
    return f"https://gazette.example/{name}"


def noise(size):
    return "".join(chr(33 + i * i % 90) for i in range(size))


RECORDS = [record(url(name), page(f"Page {name}.")) for name in "abcd"]
INFO = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"


@pytest.fixture
def reading(tmp_path):
    def read(raw, name="crawl.warc", **options):
        path = tmp_path / name
        path.write_bytes(raw)
        bad = []
        return list(read_articles([path], on_bad_row=bad.append, **options)), bad

    return read


def urls(articles):
    return [article.id.removeprefix(url("")) for article in articles]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstd.compress])
def test_every_page_of_a_crawl_is_an_article(reading, compress):
    articles, bad = reading(b"".join(compress(raw) for raw in [INFO, *RECORDS]))
    assert urls(articles) == ["a", "b", "c", "d"]
    assert bad == []
    assert articles[0].text == "Page a.\n"
    assert articles[0].url == url("a")
    assert articles[0].metadata == {"visited": "2020-01-01T00:00:00Z"}


def test_only_pages_that_were_found_are_read(reading):
    others = [
        record(url("picture"), b"\xff\xd8", content_type="image/jpeg"),
        record(url("gone"), page("Not found."), status="404 Not Found"),
        record(url("moved"), page("Moved."), status="301 Moved"),
        record(url("asked"), page("Asked."), kind="request"),
        record(url("nothing"), b""),
    ]
    articles, bad = reading(b"".join([*others, *RECORDS]))
    assert (urls(articles), bad) == (["a", "b", "c", "d"], [])


def test_a_page_visited_twice_is_two_articles(reading):
    again = [record(url("a"), page("Later."), date=date) for date in ("2021-01-01T00:00:00Z",) * 2]
    articles, _ = reading(b"".join([RECORDS[0], *again]))
    assert urls(articles) == ["a", "a 2021-01-01T00:00:00Z", "a 2021-01-01T00:00:00Z 2"]


def test_an_archive_that_is_cut_off_gives_its_whole_records_and_says_so(reading):
    articles, bad = reading(b"".join(RECORDS)[:-30])
    assert urls(articles) == ["a", "b", "c"]
    assert len(bad) == 1
    assert "crawl.warc record 4: the archive is cut off in this record" in bad[0]


@pytest.mark.parametrize("members", [True, False])
def test_a_compressed_archive_that_is_cut_off_gives_its_whole_records_and_says_so(reading, members):
    raw = [record(url(name), page(noise(20_000))) for name in "abcd"]
    packed = b"".join(map(gzip.compress, raw)) if members else gzip.compress(b"".join(raw))
    articles, bad = reading(packed[:-30], "crawl.warc.gz")
    assert urls(articles) == ["a", "b", "c"]
    assert len(bad) == 1
    assert "record 4: the compressed file is cut off" in bad[0]


BROKEN = {
    "no record begins here": b"what is this\r\nand this\r\n\r\n",
    "has the length 'x'": b"WARC/1.0\r\nContent-Length: x\r\n\r\n",
    "is no HTTP response": record(url("x"), page("x"), protocol="SPDY/1"),
    "there is no text on the page": record(url("x"), b"<html><script>x</script></html>"),
    "its gzip content is damaged": record(
        url("x"), gzip.compress(page(noise(900)))[:40] + b"xxxxxxxxxxxxxxxxx", headers="Content-Encoding: gzip\r\n"
    ),
    "has HTTP headers that can't be read": record(url("x"), page("x"), headers="X: y\r\n" * 200),
    "is not a web page: it looks like a PDF": record(url("x"), b"%PDF-1.7"),
}


@pytest.mark.parametrize(("reason", "broken"), BROKEN.items(), ids=BROKEN)
def test_a_bad_record_is_reported_and_the_rest_is_read(reading, reason, broken):
    articles, bad = reading(b"".join([*RECORDS[:2], broken, *RECORDS[2:]]))
    assert urls(articles) == ["a", "b", "c", "d"]
    assert len(bad) == 1
    assert f"record 3: {reason}" in bad[0]
    with pytest.raises(InputError, match=reason):
        reading(b"".join([*RECORDS[:2], broken, *RECORDS[2:]]), strict=True)


def test_a_page_larger_than_any_is_reported_and_passed_over(reading, monkeypatch):
    monkeypatch.setattr("annotate.readers.warc._MAX_RECORD", 1000)
    film = record(url("film"), b"x" * 5000, content_type="video/mp4")
    articles, bad = reading(RECORDS[0] + record(url("x"), page("x" * 5000)) + film + RECORDS[1])
    assert urls(articles) == ["a", "b"]
    assert len(bad) == 1
    assert "record 2: is larger than" in bad[0]


def test_an_archive_without_pages_is_empty(reading):
    with pytest.raises(EmptyInput, match="no web page"):
        reading(INFO)


def chunked(body, size=7):
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def deflate(body):
    return zlib.compress(body)[2:-4]


BODY = page("Packed “text”.")
ENCODED = [
    ("", BODY),
    ("Content-Encoding: gzip\r\n", gzip.compress(BODY, mtime=0)),
    ("Content-Encoding: gzip\r\n", BODY),
    ("Content-Encoding: deflate\r\n", zlib.compress(BODY)),
    ("Content-Encoding: deflate\r\n", deflate(BODY)),
    ("Content-Encoding: br\r\n", brotli.compress(BODY)),
    ("Content-Encoding: BR\r\n", BODY),
    ("Content-Encoding: zstd\r\n", zstd.compress(BODY)),
    ("Content-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(BODY, mtime=0))),
    ("Content-Encoding: identity\r\n", BODY),
    ("Transfer-Encoding: chunked\r\n", chunked(BODY)),
    ("Transfer-Encoding: chunked\r\n", BODY),
    ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(BODY, mtime=0))),
]


@pytest.mark.parametrize(("headers", "body"), ENCODED)
def test_content_is_unpacked_as_its_headers_say_unless_it_was_already(headers, body):
    raw = f"HTTP/2 200\r\nContent-Type: text/html;charset=utf-8\r\n{headers}\r\n".encode() + body
    assert parse_response(raw, where="x") == (200, True, "utf-8", BODY)


@pytest.mark.parametrize(
    ("name", "compress"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress), ("deflate", deflate)],
)
def test_a_bomb_in_a_page_is_defused(name, compress, monkeypatch):
    monkeypatch.setattr("annotate.readers.http.MAX_PAGE", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack(compress(b"\0" * (8 << 20)), name, where="x")


@pytest.mark.parametrize(
    ("name", "module", "body"), [("br", "brotli", b"\x0b"), ("zstd", "backports.zstd", zstd.compress(BODY))]
)
def test_without_the_extra_the_line_that_installs_it_is_given(name, module, body, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(MissingExtra, match=r"nutgraf\[web\]"):
        unpack(body, name, where="x")


def wacz(files, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, raw in files.items():
            package.writestr(name, raw)
    return out.getvalue()


def test_a_wacz_package_is_its_archives(reading):
    files = {
        "archive/2.warc": RECORDS[1],
        "archive/1.warc.gz": gzip.compress(RECORDS[0]),
        "datapackage.json": b"{}",
        "indexes/index.cdx.gz": b"x",
    }
    for raw in (wacz(files), wacz(files, zipfile.ZIP_DEFLATED), gzip.compress(wacz(files))):
        articles, bad = reading(raw, "crawl.wacz")
        assert (urls(articles), bad) == (["a", "b"], [])
    assert articles[0].source.endswith("crawl.wacz/archive/1.warc.gz record 1")


def test_a_wacz_package_that_is_cut_off_is_an_error(reading):
    with pytest.raises(FormatError, match=r"crawl\.wacz: is no readable WACZ package"):
        reading(wacz({"archive/1.warc": RECORDS[0]})[:-20], "crawl.wacz")


def test_a_bomb_in_a_wacz_package_is_not_unpacked(reading, monkeypatch):
    monkeypatch.setattr("annotate.readers.warc._SMALL", 1 << 20)
    with pytest.raises(FormatError, match="200 times"):
        reading(wacz({"archive/1.warc": b"\0" * (8 << 20)}, zipfile.ZIP_DEFLATED), "crawl.wacz")
