"""The labels that nutgraf comes with, and whether what their card says of them is true."""

from collections import Counter

import msgspec
import pytest

from annotate.agreement import certify, from_gold
from annotate.codebook import SKIP, read_codebook
from annotate.gold import labelled_sentences, read_documents, read_gold, read_texts
from annotate.gold.sources import REPOSITORIES, SEEDS
from annotate.gold.summary import check_completeness, tallies
from annotate.resources import carried
from annotate.types import Gold

FOLDER = carried("data", "gold")


@pytest.fixture(scope="module")
def documents():
    return read_documents()


@pytest.fixture(scope="module")
def gold(documents):
    return read_gold(lengths={name: document.characters for name, document in documents.items()})


@pytest.fixture(scope="module")
def card():
    return carried("data", "README.md").read_text(encoding="utf-8")


def flat(text):
    return " ".join(text.split())


def test_labels_and_documents_belong_together(gold, documents):
    check_completeness(gold, documents)
    assert {row.coder for row in gold} == {"coder-a", "coder-b"}
    assert {row.document for row in gold if row.coder == "coder-a"} == set(documents)


def test_a_row_of_labels_is_five_fields_and_nothing_of_the_text(gold):
    raw = (FOLDER / "labels.jsonl").read_bytes()
    assert raw == b"".join(msgspec.json.encode(row) + b"\n" for row in gold)
    assert list(Gold.__struct_fields__) == ["document", "start", "end", "label", "coder"]


def test_rows_are_sorted(gold, documents):
    assert list(documents) == sorted(documents)
    assert gold == sorted(gold, key=lambda row: (row.document, row.coder, row.start))


@pytest.mark.parametrize("name", ["labels.jsonl", "documents.jsonl"])
def test_files_stay_small_enough_to_live_in_a_repository(name):
    assert (FOLDER / name).stat().st_size < 2_000_000


def test_every_document_names_a_known_source_and_a_path_within_it(documents):
    for document in documents.values():
        assert document.source in {*REPOSITORIES, SEEDS}
        assert not document.path.startswith(("/", ".", "~"))
        assert ":" not in document.path
        assert len(document.sha256) == 64


def test_the_seeds_labels_cover_the_seeds_that_are_carried(gold, documents):
    seeds = [document for document in documents.values() if document.source == SEEDS]
    articles = read_texts(carried("seeds"), seeds)
    for coder in ("coder-a", "coder-b"):
        mine = [row for row in gold if row.coder == coder and row.document in articles]
        sentences, labels = labelled_sentences(mine, articles)
        assert len(sentences) == len(mine) == 70
        assert None not in labels
        for name, article in articles.items():
            units = "".join(s.text for s in sentences if s.article == name)
            assert "".join(units.split()) == "".join(article.text.split())


def test_the_card_counts_what_is_there(gold, documents, card):
    keys = (*read_codebook().keys, SKIP)
    for coder in ("coder-a", "coder-b"):
        total = Counter()
        mine = [tally for tally in tallies(gold, documents) if tally.coder == coder]
        for tally in mine:
            numbers = (tally.documents, tally.units, *(tally.labels.get(key, 0) for key in keys))
            assert f"| {tally.source} | {' | '.join(f'{n:,}' for n in numbers)} |\n" in card
            total.update(dict(enumerate(numbers)))
        assert f"| total | {' | '.join(f'{total[i]:,}' for i in range(len(keys) + 2))} |\n" in card
    assert f"{len(gold):,} labels by two coders" in card
    assert f"{len(documents)} documents:" in card


def test_the_card_states_the_agreement_and_what_it_is_worth(gold, card):
    (pair,) = certify(from_gold(gold, read_codebook().keys), bootstraps=100).by_pair
    assert f"On the {pair.units:,} units of {pair.articles} documents" in card
    said = f"the same label to {pair.percent.estimate:.3f} (Cohen's kappa {pair.cohen.estimate:.3f})"
    assert said in flat(card)
    assert "Both coders are language models of one family." in card
    assert "says nothing of human reliability" in card


def test_the_card_says_where_the_coders_differ(gold, card):
    by_coder = {coder: {} for coder in ("coder-a", "coder-b")}
    for row in gold:
        by_coder[row.coder][row.document, row.start, row.end] = row.label
    a, b = by_coder.values()
    pairs = Counter(
        frozenset((a[unit], b[unit])) for unit in b if SKIP not in (a[unit], b[unit]) and a[unit] != b[unit]
    )
    (most, count) = pairs.most_common(1)[0]
    assert most == {"factual_claim", "editorial_framing"}
    assert f"Of the {pairs.total()} units on which they differ, {count} are" in card


def test_the_card_says_how_the_sources_differ(gold, card):
    def share(prefix, label):
        labels = [row.label for row in gold if row.coder == "coder-a" and row.document.startswith(prefix)]
        return f"{labels.count(label) / len(labels):.0%}".replace("%", " %")

    promo, official = "unrelated_promo", "quoted_official"
    assert f"({share('n4k-', promo)} of `n4k-` and {share('aeb-', promo)} of `aeb-` units)" in flat(card)
    assert f"without ({share('pol-', promo)}); officials speak in {share('pol-', official)} of `pol-`" in flat(card)
    assert f"units and in {share('n4k-', official)} of `n4k-`" in flat(card)
    assert not [row for row in gold if row.document[0] == "0" and row.label == "editorial_framing"]


def test_the_card_names_each_source_with_its_commit_and_licence(card, documents):
    for repository in REPOSITORIES.values():
        (row,) = [line for line in card.splitlines() if f"github.com/{repository.name})" in line]
        assert f"`{repository.commit}`" in row
        assert row.endswith(f"| {repository.licence or 'none stated'} |")
    hosts = Counter()
    for source in list(REPOSITORIES)[:2]:
        names = {
            document.url.split("/")[2].removeprefix("www.")
            for document in documents.values()
            if document.source == source
        }
        hosts[source] = len(names)
        assert f"web pages of {hosts[source]} sites" in card
    outlets = Counter(name.split("_")[0] for name in documents if name.startswith("pol-"))
    assert f"{outlets['pol-nyt']} of each of {len(outlets)} outlets" in card
    assert len(set(outlets.values())) == 1
