"""``nutgraf sample``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from annotate.cli import arguments, projects
from annotate.counts import count
from annotate.errors import FormatError, ProjectError
from annotate.project import open_project
from annotate.sampling import Design, Score, Scores, plan, plan_again, reassign
from annotate.store import Growth, Plan, Round, RoundSettings, Store
from annotate.tables import read_table

if TYPE_CHECKING:
    from annotate.classify.model import Model

_PURPOSES = ("training", "reliability", "evaluation", "active")
_HIDDEN = ("title", "outlet", "byline", "published", "url")


@click.command("sample")
@click.argument("name", metavar="ROUND")
@projects.folder
@click.option("--purpose", type=click.Choice(_PURPOSES), show_default="reliability", help="active: a model picks.")
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
@click.option(
    "--suggestions",
    type=click.Choice(["off", "after", "randomised"]),
    default="off",
    show_default=True,
    help="Show a model's label after the coder's own choice, or before it for a random half of the units.",
)
@click.option("--spans", is_flag=True, help="Coders mark the words that decide.")
@click.option("--model", metavar="DIR", help="Whose labels to suggest; in an active round also what picks, once.")
@click.option(
    "--batch", type=click.IntRange(2), default=20, show_default=True, help="Active: a coder's units at a time."
)
@click.option("--floor", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="Active: share at random.")
@click.option("--dry-run", is_flag=True, help="Draw and say what was drawn, without making the round.")
@click.option("--leaves", metavar="KEY", help="Instead: this coder leaves the round; others get what is open.")
def command(name: str, folder: str, *, leaves: str | None, **wishes: Any) -> None:
    """Draw a round of units to code, with the probability of each in the ledger.

    Rounds for reliability and evaluation stand for the whole project and carry figures; training and active rounds
    only teach coders and models. An active round without --model grows while it is coded: the session trains the
    project's own model again and again in the background, and draws what comes next. Of near-duplicates only the first
    can be drawn. With the same seed and articles a round of the same name is always the same.

    \b
    Examples
      nutgraf sample pilot --purpose training -n 50
      nutgraf sample main -n 400 --strata outlet --coder ana --coder ben --coder cleo --each 2
      nutgraf sample test --purpose evaluation --whole -n 40 --hide outlet --hide byline
      nutgraf sample hard --purpose active -n 500
      nutgraf sample hard2 --purpose active --model framing-model -n 200
      nutgraf sample doubts --units code-again.csv
      nutgraf sample effect -n 300 --suggestions randomised --model framing-model
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
        model = None
        if wishes["listed"] is not None:
            made = _plan_again(store, name, seed, coders, wishes)
        else:
            wishes = {**wishes, "purpose": wishes["purpose"] or "reliability", "seed": seed}
            model = _model(store, wishes)
            made = _plan(store, name, coders, model, wishes)
        click.echo(f"{name}: {count(len(made.draws), 'unit')} of {made.frame_size:,}; {made.design}")
        if made.settings.growth is not None:
            picked = (
                f"picked by a model that had learnt from {count(made.model['units'], 'unit')}"
                if made.model
                else "drawn"
            )
            click.echo(f"the first batch, {picked}; it grows to {wishes['size']:,} while a session runs: nutgraf label")
        projects.print_table(("coder", "units"), [(coder, len(queue)) for coder, queue in made.queues.items()])
        if not wishes["dry_run"]:
            new = [coder for coder in coders if store.coder(coder) is None]
            for coder in new:
                store.add_coder(coder)
            if new:
                arguments.tell(
                    f"new: {', '.join(new)}; the lead gives them passwords on the page People of nutgraf label"
                )
            round_ = store.create_round(made)
            if model is not None and round_.settings.suggester is not None:
                _suggest(store, model, round_)


def _coders(store: Store, named: tuple[str, ...]) -> list[str]:
    if named:
        return list(dict.fromkeys(named))
    return [coder.key for coder in store.coders() if coder.left is None and coder.role != "adjudicator"]


def _grows(wishes: dict[str, Any]) -> bool:
    """Return whether the round is active and picked by the project's own model, batch by batch."""
    return wishes["purpose"] == "active" and wishes["model"] is None


def _model(store: Store, wishes: dict[str, Any]) -> Model | None:
    """Return the model that is named, or an active round's own, trained from what was judged so far."""
    if wishes["model"] is None and not _grows(wishes):
        if wishes["suggestions"] != "off":
            raise click.UsageError("Say whose labels to suggest with --model.")
        return None
    if wishes["model"] is not None and wishes["suggestions"] == "off" and wishes["purpose"] != "active":
        raise click.UsageError("--model picks in an active round, or suggests with --suggestions; no other use of it.")
    # Here, not above: scikit-learn is slow to import.
    from annotate.classify.learning import learn  # noqa: PLC0415
    from annotate.classify.model import load_model  # noqa: PLC0415

    if wishes["model"] is not None:
        return load_model(arguments.model_folder(wishes["model"]), codebook=store.codebook().fingerprint)
    with arguments.working("Training on what was judged so far"):
        return learn(store)


def _plan(store: Store, name: str, coders: Sequence[str], model: Model | None, wishes: dict[str, Any]) -> Plan:
    size, growth = wishes["size"], None
    if _grows(wishes):
        growth = Growth(size, wishes["batch"], wishes["floor"], wishes["each"])
        size = min(size, math.ceil(wishes["batch"] * len(coders) / max(1, min(wishes["each"], len(coders)))))
    design = Design(
        name=name,
        purpose=wishes["purpose"],
        size=size,
        seed=wishes["seed"],
        strata=wishes["strata"],
        allocation=wishes["allocation"],
        whole=wishes["whole"],
        distinct=not wishes["duplicates"],
        exclude=wishes["exclude"],
        floor=wishes["floor"],
    )
    settings = msgspec.structs.replace(_settings(wishes), suggester=_suggester(model, wishes), growth=growth)
    active = wishes["purpose"] == "active" and model is not None
    made = plan(
        store.frame(),
        design,
        coders,
        each=wishes["each"],
        overlap=wishes["overlap"],
        drawn=store.drawn(),
        score=_score(store, model) if model is not None and active else None,
        settings=settings,
    )
    return msgspec.structs.replace(made, model=_described(model)) if active else made


def _plan_again(store: Store, name: str, seed: int, coders: Sequence[str], wishes: dict[str, Any]) -> Plan:
    """Plan a round of the units that a table lists."""
    if wishes["purpose"] not in (None, "active"):
        raise click.UsageError("--units makes an active round: listed units carry no figures.")
    if wishes["model"] is not None or wishes["whole"]:
        raise click.UsageError("--units lists what to code: leave --model and --whole out.")
    if wishes["suggestions"] != "off":
        raise click.UsageError("A round of listed units suggests nothing: leave --suggestions out.")
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


def _suggester(model: Model | None, wishes: dict[str, Any]) -> str | None:
    """Return under which name what a round suggests is stored."""
    if wishes["suggestions"] == "off":
        return None
    return "own" if _grows(wishes) or model is None else model.id


def _described(model: Model | None) -> dict[str, Any]:
    from annotate.classify.learning import described  # noqa: PLC0415 - as in _model

    return described(model)


def _suggest(store: Store, model: Model, round_: Round) -> None:
    """Store what the model says of a new round's units."""
    from annotate.classify.learning import suggest  # noqa: PLC0415 - as in _model

    with arguments.working("Storing what the model says"):
        suggest(store, model, [draw.unit for draw in store.draws(round_.id)], name=str(round_.settings.suggester))


def _score(store: Store, model: Model) -> Score:
    from annotate.classify.learning import scored_by  # noqa: PLC0415 - as in _model

    score = scored_by(store, model)

    def telling(units: Sequence[int]) -> Scores:
        with arguments.working(f"Reading {count(len(units), 'unit')}"):
            return score(units)

    return telling


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
    click.echo(f"{count(len(moves), 'open unit')} of {leaver}: taken over by {shares}{nobody}")
