"""``nutgraf add``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from annotate.cli import arguments, projects
from annotate.counts import count
from annotate.duplicates import duplicate_clusters
from annotate.errors import InputError
from annotate.exchange.sentences import holds_sentences
from annotate.project import Project, open_project
from annotate.readers import read_articles
from annotate.sentences import split
from annotate.store import Store
from annotate.store.articles import Split


@click.command("add")
@arguments.sources
@projects.folder
@arguments.reading
def command(sources: tuple[str, ...], folder: str, **reading: Any) -> None:
    """Add articles to a project, and split them into units.

    Adding again changes nothing: an article is known by its id. One whose text has changed is refused, for its units
    may be coded already. Near-duplicates are kept and marked, so that samples draw each story once.

    \b
    Examples
      nutgraf add pages/
      nutgraf add -C floods articles.jsonl more/*.html
      nutgraf add export.csv --column text=body --column id=nr
    """
    project = open_project(folder)
    _refuse_sentences(sources)
    bad: list[str] = []

    def report(line: str) -> None:
        bad.append(line)
        arguments.tell(line)

    with project.store() as store:
        pages = _pages(sources, project, on_note=arguments.tell, on_bad_row=report, **reading)
        added = store.add_articles(arguments.progress(pages, label="Adding"))
        copies = _mark_duplicates(store) if added.articles else 0
    left_out = f"; {count(len(bad), 'row')} left out" if bad else ""
    known = f"; there already: {added.known:,}" if added.known else ""
    marked = f"; {count(copies, 'near-duplicate')} in the project" if copies else ""
    click.echo(f"{count(added.articles, 'article')} with {count(added.units, 'unit')} added{known}{marked}{left_out}")


def _refuse_sentences(sources: tuple[str, ...]) -> None:
    """Raise :class:`InputError` at a table of ``nutgraf split``, each row of which would become an article."""
    for source in sources:
        if holds_sentences(source):
            raise InputError(
                "holds sentences, and a project splits articles itself",
                where=source,
                remedy="add the articles they were split from",
            )


def _pages(sources: tuple[str, ...], project: Project, **reading: Any) -> Iterator[Split]:
    settings = project.settings
    for article in read_articles(sources, **reading):
        yield article, split(article, language=settings.language, quotes=settings.quotes)


def _mark_duplicates(store: Store) -> int:
    """Mark which articles repeat another; return how many do."""
    names = [article.id for article in store.articles()]
    clusters = duplicate_clusters(store.articles())
    first: dict[int, str] = {}
    for name, cluster in zip(names, clusters, strict=True):
        first.setdefault(cluster, name)
    store.set_clusters({name: first[cluster] for name, cluster in zip(names, clusters, strict=True)})
    return len(names) - len(first)
