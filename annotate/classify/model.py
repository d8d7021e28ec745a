"""A trained classifier: fit it, ask it for labels, and keep it as data that can't run anything.

A model is a folder:

- ``model.skops``: the estimator as skops writes it, made canonical so that the same training gives the same bytes;
- ``recipe.toml``: how it was built, every setting;
- ``manifest.json``: format number, labels, codebook fingerprint, versions, what it was trained on, and the SHA-256 of
  ``model.skops`` and of ``recipe.toml``.

Loading checks the manifest, then the hashes, then the types, and builds nothing before all agree. Then the model
has to say of a small page what it said after training: a model that other versions of the code under it would make
answer differently is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import scipy
import sklearn
import skops

from annotate import __version__
from annotate.classify import skops_archive
from annotate.classify.fitting import fit
from annotate.classify.fitting import probabilities as classify
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import DEFAULT, Recipe, read_recipe
from annotate.classify.units import sample
from annotate.errors import MissingExtra, ModelRefused, NotHonest
from annotate.outputs import new_folder
from annotate.types import Prediction, Sentence

FORMAT: Final = 1
_MODEL, _RECIPE, _MANIFEST = "model.skops", "recipe.toml", "manifest.json"
_CHUNK = 4096


_PROBE: Final = (
    "Harbour closed after the storm",
    "By A. Reporter",
    "The harbour of Vellin was closed on Monday, and 14 ferries stayed in port.",
    "“We will rebuild the pier before summer,” the mayor said.",
    "It is one more shameful failure of a city hall that sleeps!",
    "Sign up for our newsletter",
)
_TOLERANCE: Final = 1e-3


class TrainedOn(msgspec.Struct, frozen=True):
    """What a model learnt from."""

    units: int
    articles: int
    coder: str
    label_counts: dict[str, int]
    rows_sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What stands beside the estimator.

    ``recipe`` is the recipe's name; ``recipe_sha256`` and ``model_sha256`` are the hashes of ``recipe.toml`` and
    ``model.skops``; ``probe`` holds the probabilities that the model gave to the
    sentences of a small page after training, a row a sentence, in the order of ``labels``.
    """

    format: int
    name: str
    recipe: str
    labels: tuple[str, ...]
    codebook: str
    trained_on: TrainedOn
    versions: dict[str, str]
    probe: tuple[tuple[float, ...], ...]
    recipe_sha256: str
    model_sha256: str
    manifest_sha256: str = ""


class _Format(msgspec.Struct, frozen=True):
    """The one field that every manifest has."""

    format: int


class Model(msgspec.Struct, frozen=True, eq=False):
    """A trained estimator with its manifest; see :func:`train`, :func:`load_model`.

    Parameters
    ----------
    estimator
        The fitted scikit-learn estimator.
    manifest
        What it is and what it learnt from.
    content
        The estimator as it stands in ``model.skops``.
    recipe
        How it was built, as it stands in ``recipe.toml``.
    """

    estimator: Any
    manifest: Manifest
    content: bytes
    recipe: str

    @property
    def id(self) -> str:
        """Return what predictions carry: the name and the beginning of the SHA-256 of the estimator."""
        return f"{self.manifest.name}@{self.manifest.model_sha256[:12]}"

    def predict(self, sentences: Sequence[Sentence]) -> Iterator[Prediction]:
        """Yield a prediction for each sentence, in order; a label that was never learnt has probability 0.

        Sentences of one article must follow each other; the whole article is the context.

        Raises
        ------
        DuplicateId
            If an article's sentences come in two places.
        """
        X = sample(sentences)
        labels = self.manifest.labels
        for start in range(0, len(X), _CHUNK):
            units = X[start : start + _CHUNK]
            for unit, row in zip(units, classify(self.estimator, units, labels), strict=True):
                s = unit.sentence
                probabilities = rounded(row)
                yield Prediction(
                    article=s.article,
                    index=s.index,
                    paragraph=s.paragraph,
                    start=s.start,
                    end=s.end,
                    text=s.text,
                    label=labels[int(np.argmax(probabilities))],
                    probabilities=dict(zip(labels, probabilities, strict=True)),
                    model=self.id,
                    quote=s.quote,
                )

    def save(self, folder: str | Path, *, force: bool = False) -> None:
        """Write the model as a new folder.

        Raises
        ------
        OutputExists, OutputFailed
            See :func:`annotate.outputs.new_folder`.
        """
        with new_folder(folder, force=force) as new:
            (new / _MODEL).write_bytes(self.content)
            (new / _RECIPE).write_bytes(self.recipe.encode())
            (new / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(self.manifest), indent=2) + b"\n")


def train(data: Labelled, *, recipe: str | Path | Recipe = DEFAULT, name: str | None = None) -> Model:
    """Train a classifier on a labelled sample.

    Parameters
    ----------
    recipe
        A recipe, its name, or the path of a file that holds one.
    name
        What predictions call the model; else the recipe's name.

    Raises
    ------
    RecipeError
        See :func:`annotate.classify.recipes.read_recipe`.
    NotHonest
        If fewer than two labels occur: there is nothing to tell apart.
    """
    recipe = read_recipe(recipe)
    counts = {label: int((data.y == label).sum()) for label in data.labels}
    if sum(n > 0 for n in counts.values()) < 2:
        only = next((label for label, n in counts.items() if n), "none")
        raise NotHonest(
            f"every unit has one label ({only})", remedy="label units of at least two kinds before training"
        )
    estimator, recipe = fit(recipe, data)
    content = skops_archive.dumps(estimator)
    manifest = Manifest(
        format=FORMAT,
        name=name or recipe.name,
        recipe=recipe.name,
        labels=data.labels,
        codebook=data.codebook,
        trained_on=TrainedOn(
            units=len(data.y),
            articles=len(np.unique(data.articles)),
            coder=data.coder,
            label_counts=counts,
            rows_sha256=data.rows_hash(),
        ),
        versions=_versions(),
        probe=_probe(estimator, data.labels),
        recipe_sha256=hashlib.sha256(recipe.as_toml().encode()).hexdigest(),
        model_sha256=hashlib.sha256(content).hexdigest(),
    )
    manifest = msgspec.structs.replace(manifest, manifest_sha256=_manifest_hash(manifest))
    return Model(estimator, manifest, content, recipe.as_toml())


def load_model(folder: str | Path, *, codebook: str | None = None) -> Model:
    """Load a model; nothing in it can run.

    Parameters
    ----------
    folder
        A folder that :meth:`Model.save` wrote.
    codebook
        If given, the fingerprint of the codebook that the model must have been trained with.

    Raises
    ------
    ModelRefused
        If it is not a model, was changed, holds a type that is not known to be safe, has a format this version does not
        read, answers differently than after training, or was trained with another codebook.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    if codebook is not None and manifest.codebook != codebook:
        raise ModelRefused(
            "was trained with another codebook", where=folder, remedy="train it again on labels of this codebook"
        )
    recipe = _unchanged(folder / _RECIPE, manifest.recipe_sha256).decode()
    content = _unchanged(folder / _MODEL, manifest.model_sha256)
    estimator = skops_archive.loads(content, where=folder / _MODEL)
    _refuse_other_answers(estimator, manifest, folder)
    return Model(estimator, manifest, content, recipe)


def rounded(probabilities: np.ndarray[Any, Any]) -> list[float]:
    """Return probabilities with six decimals that still sum to 1, by the method of largest remainders."""
    exact = np.asarray(probabilities, dtype=np.float64) * 1_000_000
    millionths = np.floor(exact).astype(np.int64)
    missing = 1_000_000 - int(millionths.sum())
    millionths[np.argsort(millionths - exact, kind="stable")[:missing]] += 1
    return [int(n) / 1_000_000 for n in millionths]


def _probe(estimator: Any, labels: tuple[str, ...]) -> tuple[tuple[float, ...], ...]:
    ends = list(accumulate(len(text) + 1 for text in _PROBE))
    page = [
        Sentence("probe", i, i, end - len(text) - 1, end - 1, text)
        for i, (text, end) in enumerate(zip(_PROBE, ends, strict=True))
    ]
    return tuple(tuple(rounded(row)) for row in classify(estimator, sample(page), labels))


def _refuse_other_answers(estimator: Any, manifest: Manifest, folder: Path) -> None:
    try:
        probe = np.array(_probe(estimator, manifest.labels))
        same = probe.shape == np.shape(manifest.probe) and np.allclose(probe, manifest.probe, rtol=0, atol=_TOLERANCE)
    except (MissingExtra, ModelRefused):
        raise
    except Exception:  # an estimator that anyone may have built can fail anywhere
        same = False
    if not same:
        made_with = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
        raise ModelRefused(
            "does not answer as it did after training",
            where=folder,
            remedy=f"train it again, or use what it was made with: {made_with}",
        )


def _read_manifest(folder: Path) -> Manifest:
    if not folder.is_dir():
        raise ModelRefused(
            "is not a model folder" if folder.exists() else "no such model",
            where=folder,
            remedy=f"give the folder that `nutgraf train` wrote, with {_MODEL} and {_MANIFEST}",
        )
    try:
        content = (folder / _MANIFEST).read_bytes()
        found = msgspec.json.decode(content, type=_Format).format  # first: another format may have other fields
        if found != FORMAT:
            raise ModelRefused(
                f"has format {found}, this version reads format {FORMAT}",
                where=folder,
                remedy="train it again, or use the nutgraf version it was made with",
            )
        manifest = msgspec.json.decode(content, type=Manifest)
    except OSError as error:
        raise ModelRefused(
            f"{_MANIFEST} can't be read ({error.strerror})",
            where=folder,
            remedy="give the folder that `nutgraf train` wrote",
        ) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ModelRefused(
            f"{_MANIFEST} is not a manifest ({error})", where=folder, remedy="copy it again, whole"
        ) from error
    if manifest.manifest_sha256 != _manifest_hash(manifest):
        raise ModelRefused(
            f"{_MANIFEST} was changed after training", where=folder, remedy="copy it again from its source"
        )
    return manifest


def _unchanged(file: Path, sha256: str) -> bytes:
    """Return a file's content, or raise :class:`ModelRefused` if it is not what the manifest says."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelRefused(
            f"{file.name} can't be read ({error.strerror})", where=file.parent, remedy="copy it again, whole"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelRefused(
            f"{file.name} was changed after training", where=file.parent, remedy="copy it again from its source"
        )
    return content


def _manifest_hash(manifest: Manifest) -> str:
    bare = msgspec.structs.replace(manifest, manifest_sha256="")
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()


def _versions() -> dict[str, str]:
    return {
        "nutgraf": __version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "scipy": scipy.__version__,
        "skops": skops.__version__,
    }
