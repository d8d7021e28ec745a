"""The tables as queries name them. Migrations make them; a test holds the two together."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Integer, MetaData, Table, Text

METADATA: Final = MetaData()

project = Table("project", METADATA, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

migration = Table(
    "migration",
    METADATA,
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("applied", BigInteger, nullable=False),
)

codebook = Table(
    "codebook",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("event", Integer, nullable=False),
)

coder = Table(
    "coder",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text),
    Column("joined", BigInteger, nullable=False),
    Column("left", BigInteger),
    Column("preferences", Text),
)

invitation = Table(
    "invitation",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("used_by", Text, ForeignKey("coder.key")),
)

login = Table(
    "login",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("coder", Text, ForeignKey("coder.key"), nullable=False),
    Column("expires", BigInteger, nullable=False),
)

article = Table(
    "article",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("title", Text),
    Column("outlet", Text),
    Column("byline", Text),
    Column("published", Text),
    Column("url", Text),
    Column("language", Text),
    Column("source", Text),
    Column("blocks", Text),
    Column("metadata", Text),
    Column("cluster", Integer, nullable=False),
    Column("event", Integer, nullable=False),
)

unit = Table(
    "unit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("article", Integer, ForeignKey("article.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Integer),
)

round_ = Table(
    "round",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("codebook", Text, ForeignKey("codebook.fingerprint"), nullable=False),
    Column("design", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("frame", Text, nullable=False),
    Column("frame_size", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("event", Integer, nullable=False),
    Column("closed", Integer),
)

draw = Table(
    "draw",
    METADATA,
    Column("round", Integer, ForeignKey("round.id"), primary_key=True),
    Column("unit", Integer, ForeignKey("unit.id"), primary_key=True),
    Column("probability", Double),
    Column("reason", Text, nullable=False),
    Column("stratum", Text),
)

event = Table(
    "event",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("client", Text, nullable=False, unique=True),
    Column("coder", Text, ForeignKey("coder.key")),
    Column("round", Integer, ForeignKey("round.id")),
    Column("unit", Integer, ForeignKey("unit.id")),
    Column("codebook", Text, ForeignKey("codebook.fingerprint")),
    Column("label", Text),
    Column("variables", Text),
    Column("spans", Text),
    Column("unsure", Boolean, nullable=False),
    Column("note", Text),
    Column("shown", Text),
    Column("client_time", BigInteger),
    Column("server_time", BigInteger, nullable=False),
    Column("active_ms", Integer),
    Column("supersedes", Integer, ForeignKey("event.seq")),
    Column("hash", Text, nullable=False),
)

assignment = Table(
    "assignment",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("round", Integer, ForeignKey("round.id"), nullable=False),
    Column("coder", Text, ForeignKey("coder.key"), nullable=False),
    Column("unit", Integer, ForeignKey("unit.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer),
    Column("decision", Integer, ForeignKey("event.seq")),
    Column("label", Text),
    Column("again", Integer),
)

answer = Table(
    "answer",
    METADATA,
    Column("round", Integer, ForeignKey("round.id"), primary_key=True),
    Column("unit", Integer, ForeignKey("unit.id"), primary_key=True),
    Column("label", Text, nullable=False),
    Column("note", Text),
)

suggestion = Table(
    "suggestion",
    METADATA,
    Column("unit", Integer, ForeignKey("unit.id"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("probabilities", Text, nullable=False),
)

in_force = Table("in_force", MetaData(), *(Column(column.name, column.type) for column in event.columns))
"""A view: the decisions neither undone nor superseded."""
