"""Read what is meant to hang or burst a reader, in full size: seconds, peak memory, articles kept, rows reported.

    python benchmarks/faults.py [part of a name …]

Everything is generated into a temporary folder (some GB); each case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

MB = 1 << 20
CASES: dict[str, tuple[str, Callable[[Path], None]]] = {}
SENTENCE = "The council voted on Monday to close the pier until the spring. "


def case(title: str, name: str):
    """Register what writes a case's file."""

    def register(write: Callable[[Path], None]):
        CASES[title] = (name, write)
        return write

    return register


def write_pieces(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as stream:
        stream.writelines(pieces)


def article_rows(count: int, words: int = 150) -> Iterator[tuple[int, str]]:
    chance = random.Random(0)
    vocabulary = [f"word{i}" for i in range(5000)]
    for number in range(count):
        yield number, " ".join(chance.choices(vocabulary, k=words)) + "."


def gzip_bomb(path: Path) -> None:
    member = gzip.compress(bytes(100 * MB))
    write_pieces(path, (member for _ in range(100)))


case("10 GB of zeros in 10 MB of gzip, as text", "bomb.txt.gz")(gzip_bomb)
case("10 GB of zeros in 10 MB of gzip, as JSON lines", "bomb.jsonl.gz")(gzip_bomb)
case("10 GB of zeros in 10 MB of gzip, as a web archive", "bomb.warc.gz")(gzip_bomb)


@case("4 GB of zeros in a WACZ package", "bomb.wacz")
def wacz_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("archive/a.warc", "w", force_zip64=True) as inside,
    ):
        for _ in range(40):
            inside.write(bytes(100 * MB))


@case("200 MB in one line, as text", "line.txt")
def line_txt(path: Path) -> None:
    write_pieces(path, (SENTENCE.encode() * (MB // 64) for _ in range(200)))


@case("200 MB in one line with an emoji, as text", "emoji.txt")
def line_emoji(path: Path) -> None:
    line_txt(path)
    with path.open("ab") as stream:
        stream.write("\U0001f600".encode())


@case("200 MB in one line between two good ones, as JSON lines", "line.jsonl")
def line_jsonl(path: Path) -> None:
    good = b'{"text": "A good row."}\n'
    long = [b'{"text": "', *[SENTENCE.encode() * (MB // 64)] * 200, b'"}\n']
    write_pieces(path, iter([good, *long, good]))


@case("200 MB in one line between two good ones, as CSV", "line.csv")
def line_csv(path: Path) -> None:
    write_pieces(path, iter([b"text\nA good row.\n", *[SENTENCE.encode() * (MB // 64)] * 200, b"\nA good row.\n"]))


@case("200 MB in one line, as a page", "line.html")
def line_html(path: Path) -> None:
    write_pieces(path, iter([b"<html><body><p>", *[SENTENCE.encode() * (MB // 64)] * 200]))


@case("100,000 elements deep, as a page", "deep.html")
def deep(path: Path) -> None:
    path.write_text("<html><body>" + "<div>" * 100_000 + "deep" + "</div>" * 100_000 + "<p>after</p>")


@case("a billion laughs, as a page", "laughs.html")
def laughs_html(path: Path) -> None:
    path.write_text(f"{laughs('html')}<html><body><p>&e9;</p><p>after</p></body></html>")


@case("a billion laughs, as a feed", "laughs.rss")
def laughs_rss(path: Path) -> None:
    item = "<item><description>&e9; and some text</description></item>"
    path.write_text(f"{laughs('rss')}<rss><channel>{item}</channel></rss>")


def laughs(root: str) -> str:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY e0 "ha">{entities}]>'


@case("one bad row in a million, as JSON lines", "million.jsonl")
def million_jsonl(path: Path) -> None:
    with path.open("w") as stream:
        for number, text in article_rows(1_000_000, 20):
            stream.write("{bad\n" if number == 499_999 else json.dumps({"id": number, "text": text}) + "\n")


@case("one quote that is never closed in a million rows, as CSV", "million.csv")
def million_csv(path: Path) -> None:
    with path.open("w") as stream:
        stream.write("id,text\n")
        for number, text in article_rows(1_000_000, 20):
            stream.write(f'{number},"{text}\n' if number == 499_999 else f'{number},"{text}"\n')


@case("1 GB of JSON lines", "large.jsonl")
def large_jsonl(path: Path) -> None:
    with path.open("w") as stream:
        for number, text in article_rows(330_000, 420):
            stream.write(json.dumps({"id": number, "text": text}) + "\n")


@case("JSON lines, gzip cut off in the middle", "cut.jsonl.gz")
def cut_jsonl(path: Path) -> None:
    raw = io.BytesIO()
    with gzip.open(raw, "wt", compresslevel=1) as stream:
        for number, text in article_rows(100_000):
            stream.write(json.dumps({"id": number, "text": text}) + "\n")
    path.write_bytes(raw.getvalue()[: raw.tell() // 2])


def page_record(number: int, text: str) -> bytes:
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{text}</p></article></body></html>"
    page += "<!-- " + "x" * 100_000 + " -->"
    response = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode()
    url = f"https://gazette.example/{number}"
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Type: application/http\r\n"
    return f"{head}Content-Length: {len(response)}\r\n\r\n".encode() + response + b"\r\n\r\n"


@case("1 GB of web archive", "large.warc")
def large_warc(path: Path) -> None:
    write_pieces(path, (page_record(*row) for row in article_rows(10_000, 300)))


@case("a web archive, gzip cut off in the middle", "cut.warc.gz")
def cut_warc(path: Path) -> None:
    raw = b"".join(gzip.compress(page_record(*row), 1) for row in article_rows(2_000, 300))
    path.write_bytes(raw[: len(raw) // 2])


MEASURE = """
import resource, sys, time
from annotate.errors import NutgrafError
from annotate.readers import read_articles
bad, count, end = [], 0, ""
begin = time.perf_counter()
try:
    for article in read_articles([sys.argv[1]], on_bad_row=bad.append):
        count += 1
except NutgrafError as error:
    end = f"refused: {error}"
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
name = sys.argv[1].rpartition("/")[2]
said = "; ".join([*bad[:2], end]).replace(sys.argv[1], name)
print(f"{seconds:.1f} | {peak:.0f} | {count:,} | {len(bad)} | {said.strip('; ')[:150]}")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="only cases with this in their name")
    options = parser.parse_args()
    print("| fault | MB | s | peak, MB | articles | reported | said |\n|---|---:|---:|---:|---:|---:|---|")
    root = Path(__file__).resolve().parent.parent
    for title, (name, write) in CASES.items():
        if options.parts and not any(part in title for part in options.parts):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            write(path)
            begin = time.monotonic()
            try:
                command = [sys.executable, "-c", MEASURE, str(path)]
                found = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=1200, check=False)
                said = found.stdout.strip() or f"– | – | – | – | {found.stderr.strip()[-150:]}"
            except subprocess.TimeoutExpired:
                said = f"{time.monotonic() - begin:.0f} | – | – | – | hangs"
            print(f"| {title} | {path.stat().st_size / 1e6:.1f} | {said} |", flush=True)


if __name__ == "__main__":
    main()
