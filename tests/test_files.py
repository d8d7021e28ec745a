import bz2
import gzip
import io
import lzma

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError, NoSuchFile
from annotate.files import article_stem, decode, guess_encoding, read_text

SENTENCE = "The council voted; “nobody asked us”, the mayor’s office said – twice.\r\n"


def written(path, raw):
    path.write_bytes(raw)
    return path


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text.strip() and "\x00" not in text))
def test_a_text_file_is_read_unchanged(text):
    raw = text.encode("utf-8")
    if text.startswith("\ufeff"):
        assert decode(raw, where="x").text == text[1:]
    elif not raw.startswith((b"%PDF-", b"{\\rtf", b"GIF8", b"RIFF", b"PAR1")):
        assert decode(raw, where="x") == (text, "utf-8")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_how_a_file_is_encoded_and_is_no_text(tmp_path, codec):
    path = written(tmp_path / "a.txt", SENTENCE.encode(codec))
    assert read_text(path) == (SENTENCE, codec)


def test_forced_utf8_also_drops_the_byte_order_mark(tmp_path):
    path = written(tmp_path / "a.txt", SENTENCE.encode("utf-8-sig"))
    assert read_text(path, encoding="UTF8").text == SENTENCE


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_compressed_file_is_opened_whatever_its_name(tmp_path, compress):
    assert read_text(written(tmp_path / "a.txt", compress(SENTENCE.encode()))).text == SENTENCE


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NoSuchFile, match=r"gone\.txt: no such file"):
        read_text(tmp_path / "gone.txt")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(NoSuchFile, match="is a folder"):
        read_text(tmp_path)


def test_a_name_that_no_file_can_have_is_one_line(tmp_path):
    with pytest.raises(NoSuchFile, match="cannot be read"):
        read_text("a\x00b.txt")


@pytest.mark.parametrize("raw", [b"", b" \n\t\r\n", "\u2028\u3000".encode(), b"\xef\xbb\xbf"])
def test_white_space_alone_is_empty(tmp_path, raw):
    with pytest.raises(EmptyInput):
        read_text(written(tmp_path / "a.txt", raw))


@pytest.mark.parametrize(
    ("raw", "looks"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"ab\x00\x01cd" * 9, "NUL"),
        (b"PK\x03\x04", "ZIP"),
    ],
)
def test_a_binary_file_is_refused_with_what_it_looks_like(tmp_path, raw, looks):
    with pytest.raises(FormatError, match=looks):
        read_text(written(tmp_path / "a.txt", raw))


def test_a_forced_encoding_lets_nul_bytes_through(tmp_path):
    assert read_text(written(tmp_path / "a.txt", b"a\x00b"), encoding="utf-8").text == "a\x00b"


def test_a_wrong_encoding_is_refused_with_place_guess_and_remedy(tmp_path):
    path = written(tmp_path / "a.txt", ("First line.\n" + SENTENCE).encode("cp1252"))
    with pytest.raises(EncodingError) as caught:
        read_text(path)
    message = str(caught.value)
    for part in ("a.txt", "0x93", "offset 31", "line 2", "looks like cp1252", "--encoding cp1252"):
        assert part in message
    assert read_text(path, encoding="cp1252").text == "First line.\n" + SENTENCE


def test_utf16_without_a_mark_is_named(tmp_path):
    with pytest.raises(EncodingError, match="--encoding utf-16-le"):
        read_text(written(tmp_path / "a.txt", ("A plain sentence. " * 9).encode("utf-16-le")))


@pytest.mark.parametrize("name", ["klingon", "zlib", "rot13"])
def test_an_encoding_that_is_none_is_named(tmp_path, name):
    with pytest.raises(EncodingError, match=name):
        read_text(written(tmp_path / "a.txt", b"text"), encoding=name)


def test_a_forced_encoding_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(EncodingError, match="another --encoding"):
        read_text(written(tmp_path / "a.txt", "é".encode()), encoding="ascii")


def test_western_text_is_guessed_from_few_letters():
    assert guess_encoding("“It’s over” – the naïve café owner".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_cut_off_compressed_file_is_an_error(tmp_path, compress):
    raw = compress("".join(chr(33 + i * i % 90) for i in range(50_000)).encode())
    with pytest.raises(FormatError, match="cut off"):
        read_text(written(tmp_path / "a.txt", raw[: len(raw) // 2]))


def test_a_damaged_compressed_file_is_an_error(tmp_path):
    raw = bytearray(gzip.compress(SENTENCE.encode() * 9))
    raw[-6] ^= 255
    with pytest.raises(FormatError, match="damaged"):
        read_text(written(tmp_path / "a.txt", bytes(raw)))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_bomb_is_defused_long_before_it_is_unpacked(tmp_path, compress, monkeypatch):
    monkeypatch.setattr("annotate.files._RATIO_FROM", 1 << 20)
    path = written(tmp_path / "a.txt.gz", compress(b"\x20" * (8 << 20)))
    with pytest.raises(FormatError, match="200 times"):
        read_text(path)


def test_a_text_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("annotate.files.MAX_TEXT", 4000)
    assert len(read_text(written(tmp_path / "a.txt", b"a" * 2000)).text) == 2000
    with pytest.raises(InputError, match="too large"):
        read_text(written(tmp_path / "b.txt", b"a" * 2000 + "\U0001f600".encode()))


def test_standard_input_is_a_file(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(SENTENCE.encode()))))
    assert read_text("-").text == SENTENCE


@pytest.mark.parametrize(
    ("path", "stem"),
    [("d/a.txt", "a"), ("a.v2.html.gz", "a.v2"), ("-", "stdin"), (".txt", ".txt"), ("b\udcff.txt", "b\ufffd")],
)
def test_an_articles_id_is_its_files_stem(path, stem):
    assert article_stem(path) == stem
