"""``nutgraf sample``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
import numpy as np

from annotate.cli import arguments, projects
from annotate.errors import FormatError, ProjectError
from annotate.project import open_project
from annotate.sampling import Design, Score, Scores, plan, plan_again, reassign
from annotate.store import Plan, RoundSettings, Store
from annotate.tables import read_table

_PURPOSES = ("training", "reliability", "evaluation", "active")
_HIDDEN = ("title", "outlet", "byline", "published", "url")


@click.command("sample")
@click.argument("name", metavar="ROUND")
@projects.folder
@click.option(
    "--purpose", type=click.Choice(_PURPOSES), show_default="reliability", help="active: a model picks; needs --model."
)
@click.option(
    "--units",
    "listed",
    metavar="FILE",
    help="Code these units again, as `nutgraf inspect -o` lists them: article, start, end.",
)
@click.option("-n", "--size", type=click.IntRange(1), help="How many units, or articles with --whole.")
@click.option("--whole", is_flag=True, help="Draw articles, and every unit of each.")
@click.option("--strata", type=click.Choice(["none", "outlet", "month"]), default="none", help="Draw from each apart.")
@click.option("--allocation", type=click.Choice(["proportional", "equal"]), default="proportional", show_default=True)
@click.option(
    "--coder", "coders", multiple=True, metavar="KEY", help="Who codes it; else everybody. New ones are added."
)
@click.option("--each", type=click.IntRange(1), default=1, show_default=True, help="Coders for each unit.")
@click.option("--overlap", type=click.FloatRange(0, 1), default=1.0, help="Share of the units that get --each coders.")
@click.option("--exclude", type=click.Choice(["none", "units", "articles"]), help="What was drawn before.")
@click.option("--duplicates", is_flag=True, help="Draw near-duplicates too.")
@click.option("--seed", type=int, help="Else the project's.")
@click.option("--hide", multiple=True, type=click.Choice(_HIDDEN), help="What coders don't see.")
@click.option("--suggestions", type=click.Choice(["off", "after", "randomised"]), default="off", show_default=True)
@click.option("--spans", is_flag=True, help="Coders mark the words that decide.")
@click.option("--model", metavar="DIR", help="An active round's model.")
@click.option("--floor", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="Active: share at random.")
@click.option("--dry-run", is_flag=True, help="Draw and say what was drawn, without making the round.")
@click.option("--leaves", metavar="KEY", help="Instead: this coder leaves the round; others get what is open.")
def command(name: str, folder: str, *, leaves: str | None, **wishes: Any) -> None:
    """Draw a round of units to code, with the probability of each in the ledger.

    Rounds for reliability and evaluation stand for the whole project and carry figures; training and active rounds
    only teach coders and models. Of near-duplicates only the first can be drawn. With the same seed and articles a
    round of the same name is always the same.

    \b
    Examples
      nutgraf sample pilot --purpose training -n 50
      nutgraf sample main -n 400 --strata outlet --coder ana --coder ben --coder cleo --each 2
      nutgraf sample test --purpose evaluation --whole -n 40 --hide outlet --hide byline
      nutgraf sample hard --purpose active --model framing-model -n 200
      nutgraf sample doubts --units code-again.csv
      nutgraf sample main --leaves ben
    """
    project = open_project(folder)
    with project.store() as store:
        if leaves is not None:
            _leave(store, name, leaves)
            return
        if wishes["size"] is None and wishes["listed"] is None:
            raise click.UsageError("Say how many with -n.")
        seed = project.settings.seed if wishes["seed"] is None else wishes["seed"]
        coders = _coders(store, wishes["coders"])
        if wishes["listed"] is None:
            made = _plan(store, name, seed, coders, wishes)
        else:
            made = _plan_again(store, name, seed, coders, wishes)
        click.echo(f"{name}: {projects.count(len(made.draws), 'unit')} of {made.frame_size:,}; {made.design}")
        projects.print_table(("coder", "units"), [(coder, len(queue)) for coder, queue in made.queues.items()])
        if not wishes["dry_run"]:
            for coder in coders:
                if store.coder(coder) is None:
                    store.add_coder(coder)
                    arguments.tell(f"{coder} is a new coder")
            store.create_round(made)


def _coders(store: Store, named: tuple[str, ...]) -> list[str]:
    if named:
        return list(dict.fromkeys(named))
    return [coder.key for coder in store.coders() if coder.left is None and coder.role != "adjudicator"]


def _plan(store: Store, name: str, seed: int, coders: Sequence[str], wishes: dict[str, Any]) -> Plan:
    design = Design(
        name=name,
        purpose=wishes["purpose"] or "reliability",
        size=wishes["size"],
        seed=seed,
        strata=wishes["strata"],
        allocation=wishes["allocation"],
        whole=wishes["whole"],
        distinct=not wishes["duplicates"],
        exclude=wishes["exclude"],
        floor=wishes["floor"],
    )
    return plan(
        store.frame(),
        design,
        coders,
        each=wishes["each"],
        overlap=wishes["overlap"],
        drawn=store.drawn(),
        score=None if wishes["model"] is None else _model_score(store, wishes["model"]),
        settings=_settings(wishes),
    )


def _plan_again(store: Store, name: str, seed: int, coders: Sequence[str], wishes: dict[str, Any]) -> Plan:
    """Plan a round of the units that a table lists."""
    if wishes["purpose"] not in (None, "active"):
        raise click.UsageError("--units makes an active round: listed units carry no figures.")
    if wishes["model"] is not None or wishes["whole"]:
        raise click.UsageError("--units lists what to code: leave --model and --whole out.")
    listed = _listed(store, wishes["listed"])
    return plan_again(
        store.frame(),
        listed[: wishes["size"]],
        coders,
        name=name,
        seed=seed,
        floor=wishes["floor"],
        each=wishes["each"],
        overlap=wishes["overlap"],
        drawn=store.drawn(),
        settings=_settings(wishes),
    )


def _listed(store: Store, path: str) -> list[int]:
    """Return the units that a table lists by article, start and end, in its order."""
    sentences = ((unit.id, unit.sentence) for page in store.pages() for unit in page.units)
    units = {(sentence.article, sentence.start, sentence.end): unit for unit, sentence in sentences}
    found: list[int] = []
    for where, row in read_table(path):
        try:
            place = str(row["article"]), int(row["start"]), int(row["end"])
        except (KeyError, TypeError, ValueError):
            raise FormatError("lists no unit", where=where, remedy="give article, start and end") from None
        if place not in units:
            raise FormatError(
                f"{place[0]} has no sentence from {place[1]} to {place[2]} in this project",
                where=where,
                remedy="list units of this project, as it was split",
            )
        found.append(units[place])
    return list(dict.fromkeys(found))


def _settings(wishes: dict[str, Any]) -> RoundSettings:
    return RoundSettings(
        hide=tuple(dict.fromkeys(wishes["hide"])),
        suggestions=wishes["suggestions"],
        feedback=wishes["purpose"] == "training",
        spans=wishes["spans"],
    )


def _model_score(store: Store, model_folder: str) -> Score:
    """Return what scores units by a model, each in its article's context."""
    from annotate.classify.model import load_model  # noqa: PLC0415 - scikit-learn is slow to import

    codebook = store.codebook()
    model = load_model(model_folder, codebook=codebook.fingerprint)

    def score(units: Sequence[int]) -> Scores:
        found: dict[int, list[float]] = {}
        wanted = set(units)
        for page in arguments.progress(store.pages(), label="Scoring"):
            if not wanted.isdisjoint(unit.id for unit in page.units):
                predictions = model.predict([unit.sentence for unit in page.units])
                for unit, prediction in zip(page.units, predictions, strict=True):
                    found[unit.id] = [prediction.probabilities[key] for key in codebook.keys]
        return Scores(np.array([found[unit] for unit in units]))

    return score


def _leave(store: Store, name: str, leaver: str) -> None:
    """Give what a coder has open in a round to the round's other coders who are still there."""
    round_ = store.round(name)
    assignments = store.assignments(round_.id)
    gone = {coder.key for coder in store.coders() if coder.left is not None}
    takers = sorted({one.coder for one in assignments} - gone - {leaver})
    moves = reassign(assignments, leaver, takers)
    if not moves:
        raise ProjectError(f"{leaver} has nothing open in the round {name!r}", remedy="nutgraf status shows who has")
    store.move(round_.id, moves)
    given = Counter(move.taker for move in moves)
    orphans = given.pop(None, 0)
    shares = ", ".join(f"{taker} {n}" for taker, n in sorted(given.items(), key=str)) or "nobody"
    nobody = f"; the other {orphans} are with all others already" if orphans else ""
    click.echo(f"{projects.count(len(moves), 'open unit')} of {leaver}: taken over by {shares}{nobody}")
