"""Small projects for tests."""

from __future__ import annotations

from itertools import groupby

import msgspec
from newspaper import newspaper

from annotate.codebook import fingerprint, read_codebook
from annotate.store import Decision, Draw, Plan
from annotate.types import Article, Codebook, Sentence, Value, Variable

CODERS = ("ana", "ben")
_GUARDED = ("event", "draw", "unit", "codebook", "article")

TONE = Variable(
    "tone",
    "tone",
    (
        Value("mild", "mild", "No word of it would hurt.", ("The plan has its critics.",), "m"),
        Value("plain", "plain"),
        Value("sharp", "sharp", hotkey="h"),
    ),
    question="How sharp is its tone?",
    scale="ordinal",
    when=("editorial_framing", "factual_claim"),
)
ISSUES = Variable(
    "issues",
    "issues",
    (Value("roads", "roads"), Value("schools", "schools"), Value("money", "money")),
    question="What is it about?",
    multiple=True,
    required=False,
    when=("factual_claim",),
)


class Ticks:
    """A clock that goes one second further whenever it is read, and can be set."""

    def __init__(self, now=1_700_000_000_000_000):
        self.now = now

    def __call__(self):
        self.now += 1_000_000
        return self.now


def news(n_articles=3, *, per_article=4, seed=0):
    """Return made-up articles with their sentences, which stand in the text a space apart."""
    sentences, _ = newspaper(n_articles, per_article=per_article, seed=seed)
    for number, (name, group) in enumerate(groupby(sentences, key=lambda sentence: sentence.article)):
        page = list(group)
        text = " ".join(sentence.text for sentence in page)
        yield Article(name, text, outlet=f"outlet-{number % 2}", published=f"2024-0{1 + number % 3}-01"), page


def asking(*variables: Variable, book: Codebook | None = None) -> Codebook:
    """Return a codebook, nutgraf's if none is given, that asks for variables besides the label."""
    book = msgspec.structs.replace(book or read_codebook(), variables=variables or (TONE, ISSUES))
    return msgspec.structs.replace(book, fingerprint=fingerprint(book))


def story(name, *texts):
    """Return an article of these sentences, with them."""
    sentences, start = [], 0
    for index, text in enumerate(texts):
        sentences.append(Sentence(name, index, 0, start, start + len(text), text))
        start += len(text) + 1
    return Article(name, " ".join(texts)), sentences


def filled(store, *, n_articles=3, coders=CODERS, **news_options):
    store.add_articles(news(n_articles, **news_options))
    for coder in coders:
        store.add_coder(coder)
    everything_round(store, "first", coders)
    return store


def everything_round(store, name, coders=CODERS, purpose="reliability", **plan):
    units = [unit.unit for unit in store.frame()]
    return store.create_round(
        Plan(
            name=name,
            purpose=purpose,
            design="every unit",
            seed=0,
            frame="0" * 64,
            frame_size=len(units),
            draws=[Draw(unit, 1.0) for unit in units],
            queues=dict.fromkeys(coders, units),
            **plan,
        )
    )


def active_round(store, units, coder="ana"):
    return store.create_round(
        Plan(
            name="active",
            purpose="active",
            design="picked by a model",
            seed=0,
            frame="0" * 64,
            frame_size=len(units),
            draws=[Draw(unit, None, "active") for unit in units],
            queues={coder: units},
        )
    )


def judge(store, client, unit, label="factual_claim", *, coder="ana", **more):
    where = {"round": 1, "coder": coder, "unit": unit}
    return store.take(Decision(client=client, label=label, **(where | more)))


def tamper(store, sql):
    """Run SQL as someone would who first takes the triggers away."""
    with store.begin_writing() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.exec_driver_sql(query).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in _GUARDED:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.exec_driver_sql(sql)
