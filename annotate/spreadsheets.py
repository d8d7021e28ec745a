"""Excel workbooks: one sheet of rows under a line of names. Texts stay texts: no cell is ever a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Final

from annotate.errors import FormatError, InputError, MissingExtra

_LONGEST: Final = 32_767  # UTF-16 units in a cell
_MOST_ROWS: Final = 1_048_576
_UNSPEAKABLE: Final = re.compile("[\ufffe\uffff]")  # what XML does not hold and readers do not unescape


def write_rows(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]], *, where: object) -> int:
    """Write a workbook with one sheet and return the number of rows below the header.

    Raises
    ------
    InputError
        If a text is longer than a cell holds, or holds a character that no cell can.
    MissingExtra
        If what writes workbooks is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an optional part
    except ModuleNotFoundError as error:
        raise MissingExtra("excel", "an Excel file") from error
    # Nothing is guessed from a text: it is written as one, and stays one when somebody edits the cell.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **options})
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    bold = book.add_format({"bold": True, "num_format": "@"})
    sheet = book.add_worksheet("sentences")
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, 0)
    n = 0
    for n, row in enumerate(rows, start=1):
        if n >= _MOST_ROWS:
            raise InputError(f"a sheet holds {_MOST_ROWS:,} rows", where=where, remedy="write .csv or .parquet")
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(n, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(n, column, value)
            elif value not in (None, ""):
                sheet.write_string(n, column, _storable(str(value), f"{where}:{n + 1}"), text)
    book.close()
    return n


def read_rows(stream: BinaryIO, *, where: object) -> Iterator[tuple[int, list[Any]]]:
    """Yield the lines of a workbook's first sheet, with their numbers from 1; an empty cell is None.

    Raises
    ------
    FormatError
        If it is no workbook.
    MissingExtra
        If what reads workbooks is not installed.
    """
    try:
        import python_calamine  # noqa: PLC0415 - an optional part
    except ModuleNotFoundError as error:
        raise MissingExtra("excel", "an Excel file") from error
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(stream)
        lines = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise FormatError(f"is no Excel workbook ({error})", where=where, remedy="save it again as .xlsx") from error
    for number, line in enumerate(lines, start=1):
        yield number, [_value(cell) for cell in line]


def _storable(text: str, where: str) -> str:
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > _LONGEST:
        raise InputError(
            f"a cell holds {_LONGEST:,} characters, this text has {len(text):,}", where=where, remedy="write .csv"
        )
    bad = _UNSPEAKABLE.search(text)
    if bad:
        raise InputError(
            f"a cell can't hold the character U+{ord(bad[0]):04X}", where=where, remedy="write .csv or .jsonl"
        )
    return text


def _value(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return None if cell == "" else cell
