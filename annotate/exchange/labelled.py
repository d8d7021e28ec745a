"""Labels that somebody made, joined with the sentences they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotate.classify.labelled import Labelled, article_facts, note_facts
from annotate.classify.released import SUFFIX, read_released
from annotate.classify.units import Page, as_sample, sample, units_of
from annotate.codebook import SKIP
from annotate.counts import count
from annotate.duplicates import duplicate_clusters
from annotate.errors import DuplicateId, EmptyInput, FormatError, InputError
from annotate.exchange.located import located
from annotate.exchange.sentences import COLUMNS, as_sentences
from annotate.exchange.soft import Given, given, has_label, soft_labels
from annotate.files import STDIN
from annotate.gold import labelled_sentences, read_coders, read_gold, refuse_changed
from annotate.gold.documents import DOCUMENTS
from annotate.readers import read_articles
from annotate.tables import read_table
from annotate.types import Article, Codebook, Gold, Row, Sentence

# Columns that say something of a sentence, not of its article.
_NO_FACTS: Final = frozenset(
    {
        *COLUMNS,
        "label",
        "coder",
        "key",
        "before",
        "after",
        "model",
        "id",
        "probabilities",
        "supporters",
        "others",
        "decided_by",
    }
)
_STAND_OFF: Final = frozenset({"document", "start", "end", "label"})
UNKNOWN_CODER: Final = "a coder not named in the file"


def read_labelled(
    source: str | Path,
    codebook: Codebook,
    *,
    texts: Sequence[str | Path] = (),
    coder: str | None = None,
    on_note: Callable[[str], None] = lambda line: None,  # noqa: ARG005 - nobody listens
) -> Labelled:
    """Read a labelled sample.

    Parameters
    ----------
    source
        A table of sentences, in any order, with a column ``label`` (a key, a list of at most one key as doccano writes
        it, or nothing where the sentence is unlabelled), or stand-off labels as :class:`annotate.types.Gold`. Either
        may give each label's probability; see :func:`annotate.exchange.soft.given`.
    codebook
        What the labels must be from.
    texts
        The articles that stand-off labels point into; rows of sentences are held against them, and searched for in
        them where they have no offsets.
    coder
        Whose labels to take, where there is a column ``coder``.
    on_note
        Told in one line of labels that were left out because their article was not given, and of copies.

    Raises
    ------
    FormatError, OffsetMismatch
        If a row is not what it should be, or does not fit the text.
    CodebookError
        If a label is not in the codebook.
    DuplicateId
        If a coder labelled a sentence twice, or two sentences of an article overlap.
    InputError
        If several coders labelled and none was chosen, or stand-off labels come without texts.
    """
    rows = read_table(source)
    first = next(rows)
    if first[1].keys() >= _STAND_OFF and "text" not in first[1]:
        rows.close()
        return _read_stand_off(source, codebook, texts=texts, coder=coder, on_note=on_note)
    return _read_labelled_rows(chain([first], rows), source, codebook, texts=texts, coder=coder, on_note=on_note)


def _read_stand_off(
    source: str | Path,
    codebook: Codebook,
    *,
    texts: Sequence[str | Path],
    coder: str | None,
    on_note: Callable[[str], None],
) -> Labelled:
    if str(source) == STDIN:
        raise InputError("stand-off labels are read twice", where=source, remedy="name the file they stand in")
    if not texts:
        raise InputError(
            "holds stand-off labels, which need the articles they point into", where=source, remedy="add --text FOLDER"
        )
    if any(Path(text).suffix == SUFFIX for text in texts):
        return _read_with_features(source, codebook, texts=texts, coder=coder, on_note=on_note)
    articles = {article.id: article for article in read_articles(texts)}
    refuse_changed(articles, source)
    lengths = {key: len(article.text) for key, article in articles.items()}
    gold = [row for row in read_gold(source, codebook=codebook, lengths=lengths) if coder in (None, row.coder)]
    here = _given(gold, articles.keys(), source, coder, on_note)
    sentences, keys = labelled_sentences(here, articles)
    shares = _shares_of_stand_off(source, codebook, coder)
    labels = [
        None if key is None else shares.get((s.article, s.start, s.end), Given(key))
        for s, key in zip(sentences, keys, strict=True)
    ]
    facts = _facts_of_documents(source, articles)
    return _labelled(
        sample(sentences), labels, codebook, coder=_describe(here[0].coder, source), facts=facts, on_note=on_note
    )


def _given(
    gold: Sequence[Gold],
    documents: Collection[str],
    source: str | Path,
    coder: str | None,
    on_note: Callable[[str], None],
) -> list[Gold]:
    """Return the labels of one coder that belong to given documents."""
    here = [row for row in gold if row.document in documents]
    _refuse_several({row.coder for row in here}, source)
    if not any(row.label != SKIP for row in here):
        raise _no_labels(source, coder)
    left_out = {row.document for row in gold} - set(documents)
    if left_out:
        on_note(f"{source}: left out the labels of {count(len(left_out), 'document')} without a text")
    return here


def _read_with_features(
    source: str | Path,
    codebook: Codebook,
    *,
    texts: Sequence[str | Path],
    coder: str | None,
    on_note: Callable[[str], None],
) -> Labelled:
    """Join stand-off labels with features that were released in place of the text."""
    if len(texts) > 1:
        raise InputError("features stand in for all texts", where=texts[0], remedy="name that file alone")
    pages, copies = read_released(texts[0])
    units = {(unit.article, unit.sentence.start, unit.sentence.end): unit for unit in units_of(pages)}
    gold = [row for row in read_gold(source, codebook=codebook) if coder in (None, row.coder)]
    here = [row for row in _given(gold, {page.article for page in pages}, source, coder, on_note) if row.label != SKIP]
    for row in here:
        if (row.document, row.start, row.end) not in units:
            raise FormatError(
                f"labels {row.document} {row.start} to {row.end}, which is no sentence of {texts[0]}",
                where=source,
                remedy="give the articles' text",
            )
    chosen = {(row.document, row.start, row.end): row.label for row in here}
    places = [place for place in units if place in chosen]
    articles = {page.article: Article(page.article, "") for page in pages}
    return Labelled(
        X=as_sample([units[place] for place in places]),
        y=np.array([chosen[place] for place in places], dtype=np.str_),
        coder=_describe(here[0].coder, source),
        labels=codebook.keys,
        codebook=codebook.fingerprint,
        facts=_facts_of_documents(source, articles),
        copies=copies,
    )


def _read_labelled_rows(
    rows: Iterable[tuple[str, Row]],
    source: str | Path,
    codebook: Codebook,
    *,
    texts: Sequence[str | Path],
    coder: str | None,
    on_note: Callable[[str], None],
) -> Labelled:
    articles = {article.id: article for article in read_articles(texts)} if texts else {}
    pages: dict[str, _LabelledPage] = {}
    coders: set[str] = set()
    facts: dict[str, dict[str, str]] = {}
    if articles:
        rows = located(rows, {name: article.text for name, article in articles.items()})
    for where, row, sentence in as_sentences(rows):
        if not has_label(row):
            raise FormatError(
                "lacks label", where=where, remedy="add a column with the label of each sentence, or leave it empty"
            )
        page = pages.setdefault(sentence.article, _LabelledPage())
        page.add(sentence, where)
        who = _coder_of(row, where)
        if coder in (None, who) and (label := given(row, codebook, where=where)) is not None:
            coders.add(who)
            page.label(sentence, label, who, where)
        note_facts(facts, sentence.article, {c: v for c, v in row.items() if c not in _NO_FACTS})
    _refuse_several(coders, source)
    if not coders:
        raise _no_labels(source, coder)
    units = [unit for page in pages.values() for unit in page.in_order()]
    X, labels = sample(sentence for sentence, _ in units), [label for _, label in units]
    return _labelled(X, labels, codebook, coder=_describe(min(coders), source), facts=facts, on_note=on_note)


class _LabelledPage:
    """What the rows of one article say, in whatever order they come: its sentences, and the label of each.

    Sentences that only another coder labelled stay: they are their neighbours' context.
    """

    def __init__(self) -> None:
        self._sentences: dict[tuple[int, int], tuple[Sentence, str]] = {}
        self._labels: dict[tuple[int, int], tuple[Given | None, str]] = {}

    def add(self, sentence: Sentence, where: str) -> None:
        """Add a sentence; the same again, by another coder, changes nothing."""
        known, before = self._sentences.setdefault((sentence.start, sentence.end), (sentence, where))
        if known.text != sentence.text:
            raise _overlap(sentence, where, before)

    def label(self, sentence: Sentence, label: Given, who: str, where: str) -> None:
        """Note the label that a coder gave a sentence, or raise :class:`DuplicateId` at that coder's second one."""
        place = sentence.start, sentence.end
        if place in self._labels and self._labels[place][1] == who:
            raise DuplicateId(
                f"the sentence at {sentence.start} of {sentence.article} is labelled a second time",
                where=where,
                remedy="keep one row for each sentence and coder, and give each article an id of its own",
            )
        self._labels[place] = label, who

    def in_order(self) -> Iterator[tuple[Sentence, Given | None]]:
        """Yield the sentences as they stand on the page, or raise :class:`DuplicateId` where two overlap."""
        end, above = 0, ""
        for place, (sentence, where) in sorted(self._sentences.items()):
            if sentence.start < end:
                raise _overlap(sentence, where, above)
            yield sentence, self._labels.get(place, (None, ""))[0]
            end, above = sentence.end, where


def _overlap(sentence: Sentence, where: str, other: str) -> DuplicateId:
    return DuplicateId(
        f"the sentence at {sentence.start} of {sentence.article} overlaps the one of {other}",
        where=where,
        remedy="give each article an id of its own, and each sentence its own offsets",
    )


def _coder_of(row: Row, where: str) -> str:
    """Return who labelled; what a model predicted, as ``nutgraf predict`` writes it, is the model's label."""
    coder, model = row.get("coder"), row.get("model")
    if coder in (None, ""):
        return f"the model {model}" if isinstance(model, str) and model else UNKNOWN_CODER
    if not isinstance(coder, str | int):
        raise FormatError(f"coder {coder!r} is no name", where=where, remedy="write a name into the column coder")
    return str(coder)


def _facts_of_documents(source: str | Path, articles: Mapping[str, Article]) -> dict[str, dict[str, str]]:
    """Return what the articles and the table of documents beside the labels, if there is one, say of the articles."""
    facts = article_facts(articles.values())
    table = Path(source).parent / DOCUMENTS
    if table.is_file():
        for _, row in read_table(table):
            document = row.get("document")
            if isinstance(document, str) and document in articles:
                note_facts(facts, document, row)
    return facts


def _describe(coder: str, source: str | Path) -> str:
    """Return the coder as printed beside every score: with what they are, where a table beside the labels says it."""
    kinds = read_coders(source)
    return f"{coder} ({kinds[coder].kind})" if coder in kinds else coder


def _no_labels(source: str | Path, coder: str | None) -> EmptyInput:
    by = f" by {coder}" if coder else ""
    return EmptyInput(f"holds no label{by}", where=source, remedy="label some sentences first")


def _refuse_several(coders: set[str], source: str | Path) -> None:
    if len(coders) > 1:
        raise InputError(
            f"holds the labels of {', '.join(sorted(coders))}", where=source, remedy="choose one with --coder"
        )


def _labelled(
    units: Any,
    labels: Sequence[Given | None],
    codebook: Codebook,
    *,
    coder: str,
    facts: Mapping[str, Mapping[str, str]],
    on_note: Callable[[str], None],
) -> Labelled:
    pages = {unit.article: unit.page for unit in units}
    copies = _copies(pages.values())
    if copies:
        on_note(f"near-duplicates of other articles: {len(copies):,}; copies stay on one side of every split")
    chosen = [(unit, label) for unit, label in zip(units, labels, strict=True) if label is not None]
    return Labelled(
        X=as_sample([unit for unit, _ in chosen]),
        y=np.array([label.key for _, label in chosen], dtype=np.str_),
        coder=coder,
        labels=codebook.keys,
        codebook=codebook.fingerprint,
        facts=facts,
        copies=copies,
        soft=soft_labels((label for _, label in chosen), codebook.keys),
    )


def _shares_of_stand_off(
    source: str | Path, codebook: Codebook, coder: str | None
) -> dict[tuple[str, int, int], Given]:
    """Return the stand-off labels that come with probabilities, by their place."""
    found: dict[tuple[str, int, int], Given] = {}
    for where, row in read_table(source):
        if coder in (None, row.get("coder")) and (label := given(row, codebook, where=where)) and label.shares:
            found[str(row["document"]), int(row["start"]), int(row["end"])] = label
    return found


def _copies(pages: Iterable[Page]) -> dict[str, str]:
    """Return the articles that are copies of an earlier one, with the first of these."""
    articles = [Article(page.article, "\n".join(s.text for s in page.sentences)) for page in pages]
    first: dict[int, str] = {}
    clusters = zip(articles, duplicate_clusters(articles), strict=True)
    origin = {article.id: first.setdefault(cluster, article.id) for article, cluster in clusters}
    return {article: original for article, original in origin.items() if original != article}
