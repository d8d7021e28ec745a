"""``nutgraf export``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import msgspec

from annotate.adjudication import METHODS, Method
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.errors import InputError
from annotate.exchange.annotation import Annotation
from annotate.exchange.annotations import gather_annotations, texts_of
from annotate.exchange.formats import FORMATS, Job, named, write
from annotate.types import Codebook

_FORMATS = "\n".join(f"      {name:<19} {form.line}" for name, form in FORMATS.items())


@click.command(
    "export",
    help=f"""Write sentences, with what was said of them, for annotation or for other tools.

    FILE… are articles, to be split, or tables of sentences; labels in them go along. With -C it is a project's
    judgments: every coder's, each with time, round and codebook, or with --gold one label a sentence.

    \b
    Formats (docs/formats.md says what each holds)
{_FORMATS}

    \b
    Examples
      nutgraf export seeds/*.txt -o units.csv
      nutgraf export seeds/*.txt --to doccano -o for-doccano
      nutgraf export labelled.jsonl --to label-studio --model framing-model -o tasks.json
      nutgraf export -C floods --round main -o judgments.xlsx
      nutgraf export -C floods --gold majority --to datasets --test-share 0.2 -o framing-dataset
    """,
)
@click.argument("sources", nargs=-1, metavar="[FILE…]")
@click.option(
    "--to",
    "target",
    type=click.Choice(list(FORMATS)),
    help="For whom to write; a table needs none, its name says it: .csv, .xlsx, .parquet, .jsonl.",
)
@arguments.out("File or folder to write.", required=True)
@click.option("-C", "folder", metavar="DIR", help="A project instead of files.")
@click.option("--round", "rounds", multiple=True, metavar="ROUND", help="Only this round of the project.")
@click.option("--coder", metavar="NAME", help="Only this coder's judgments.")
@click.option("--gold", type=click.Choice(METHODS), help="One label a sentence, by this rule.")
@click.option("--all", "every", is_flag=True, help="Also the project's sentences that nobody judged.")
@click.option("--model", metavar="DIR", help="Let this model label what nobody did, for coders to confirm.")
@click.option("--text", "paths", multiple=True, metavar="PATH", help="Articles that tables of sentences are from.")
@click.option(
    "--test-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    help="datasets: share of articles in a split `test`.",
)
@arguments.seed("datasets: of the choice of test articles.")
@arguments.codebook
@arguments.splitting
def command(
    sources: tuple[str, ...],
    target: str | None,
    out: str,
    *,
    force: bool,
    folder: str | None,
    rounds: tuple[str, ...],
    coder: str | None,
    gold: Method | None,
    every: bool,
    model: str | None,
    paths: tuple[str, ...],
    test_share: float,
    seed: int,
    codebook_path: str | None,
    **reading: Any,
) -> None:
    """Write sentences, with what was said of them."""
    if (folder is None) == (not sources):
        raise click.UsageError("Name files, or a project with -C.")
    if folder is None and (rounds or gold or every):
        raise click.UsageError("--round, --gold and --all go with a project: -C.")
    arguments.refuse_inside(out, sources)
    target = target or named(out)
    if folder is not None:
        codebook, annotations, texts = _of_project(folder, rounds, coder, gold, every=every)
    else:
        codebook = read_codebook(codebook_path)
        reading |= {"on_note": arguments.tell, "on_bad_row": arguments.tell}
        annotations, texts = gather_annotations(sources, codebook, texts=texts_of(paths), **reading)
        annotations = [one for one in annotations if coder in (None, one.coder)]
    if not annotations:
        raise InputError("there is nothing to write", remedy="name articles, or another coder")
    if model is not None:
        annotations = _predicted(annotations, model, codebook)
    n = write(target, Job(out, annotations, codebook, texts, test_share, seed, force))
    what = "article" if target == "label-studio-spans" else "sentence"
    arguments.tell(f"{count(n, what)} in {out}")


def _of_project(
    folder: str, rounds: Sequence[str], coder: str | None, gold: Method | None, *, every: bool
) -> tuple[Codebook, list[Annotation], dict[str, str]]:
    from annotate.exchange.projects import judged_in  # noqa: PLC0415 - a project is an optional part
    from annotate.project import open_project  # noqa: PLC0415

    with open_project(folder).store() as store:
        numbers = [store.round(name).id for name in rounds] or None
        held = judged_in(store, rounds=numbers, coder=coder, gold=gold, every=every)
        return store.codebook(), held.annotations, held.texts


def _predicted(annotations: Sequence[Annotation], folder: str, codebook: Codebook) -> list[Annotation]:
    """Return the annotations with what a model says of those that nobody judged."""
    from annotate.classify.model import load_model  # noqa: PLC0415 - scikit-learn is slow to import

    model = load_model(arguments.model_folder(folder), codebook=codebook.fingerprint)
    sentences = list({(s.article, s.start, s.end): s for s in (one.sentence for one in annotations)}.values())
    said = arguments.progress(model.predict(sentences), label="Predicting", length=len(sentences))
    found = {(one.article, one.start, one.end): one for one in said}
    made = []
    for one in annotations:
        prediction = found[one.sentence.article, one.sentence.start, one.sentence.end]
        said_of_it = {
            "predicted": prediction.label,
            "probabilities": prediction.probabilities,
            "model": prediction.model,
        }
        made.append(one if one.judged else msgspec.structs.replace(one, **said_of_it))
    return made
