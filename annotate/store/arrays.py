"""Many values as one parameter: a statement that is the same for any number of rows is compiled and planned once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, TableValuedAlias, bindparam, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class _Elements(GenericFunction[Any]):
    """The elements of an array in JSON, a row each."""

    inherit_cache = True
    name = "nutgraf_elements"


@compiles(_Elements, "sqlite")
def _in_sqlite(element: _Elements, compiler: Any, **options: Any) -> str:
    return f"json_each{compiler.process(element.clause_expr, **options)}"


@compiles(_Elements, "postgresql")
def _in_postgresql(element: _Elements, compiler: Any, **options: Any) -> str:
    # Through an array: PostgreSQL expects ten elements of it. Of a plain set it expects a hundred, for which it reads
    # tables of some thousand rows as a whole instead of by their index.
    array = f"ARRAY(SELECT json_array_elements{compiler.process(element.clause_expr, **options)})"
    return f"(SELECT unnest({array}) AS value)"


def array_rows(name: str) -> TableValuedAlias:
    """Return a table with the column ``value``: the elements of the array that is the statement's parameter ``name``.

    An element that is an array itself has its parts by their places: ``rows.c.value[0].as_integer()``.
    """
    return _Elements(bindparam(name, type_=JSON)).table_valued(column("value", JSON), name=name)
