"""The option that verbs which learn share; apart from the others, for it imports scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from annotate.classify.recipes import DEFAULT, RECIPES

F = TypeVar("F", bound=Callable[..., Any])


def option(function: F) -> F:
    """Add ``--recipe``."""
    return click.option(
        "--recipe",
        type=click.Choice(list(RECIPES)),
        default=DEFAULT,
        show_default=True,
        help="How to build the classifier.",
    )(function)
