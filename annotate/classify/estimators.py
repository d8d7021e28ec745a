"""The estimators that a recipe can name, and the settings each of them takes.

An estimator is a class or function whose keyword arguments are its settings; their annotations say what a recipe may
write. What it returns has ``fit``, ``predict_proba`` and ``classes_`` and reads samples of units. Its module is
imported only when a recipe asks for it: one that needs an optional part raises
:class:`~annotate.errors.MissingExtra` there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final, get_type_hints

import msgspec

HOMES: Final[dict[str, str]] = {
    "linear": "annotate.classify.linear:linear",
    "article-stack": "annotate.classify.stack:ArticleStack",
}
"""What a recipe calls an estimator, and where it is."""


def estimator(name: str) -> Callable[..., Any]:
    """Return the class or function that a recipe calls by this name.

    Raises
    ------
    MissingExtra
        If it needs an optional part that is not installed.
    """
    module, _, attribute = HOMES[name].partition(":")
    factory: Callable[..., Any] = getattr(import_module(module), attribute)
    return factory


@cache
def settings_of(name: str) -> type[msgspec.Struct]:
    """Return the estimator's settings as a type that a recipe's table can be checked against."""
    factory = estimator(name)
    hints = get_type_hints(factory.__init__ if inspect.isclass(factory) else factory, include_extras=True)
    fields: list[tuple[str, Any, Any]] = [
        (parameter.name, hints[parameter.name], parameter.default)
        for parameter in inspect.signature(factory).parameters.values()
    ]
    return msgspec.defstruct("Settings", fields, frozen=True, forbid_unknown_fields=True)
