"""A certificate of agreement as HTML, Markdown, LaTeX, JSON, or a short table for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Final

import msgspec

from annotate.agreement.bootstrap import Coefficient
from annotate.agreement.certificate import Certificate, PairAgreement
from annotate.agreement.verdict import THRESHOLDS, in_words
from annotate.counts import count
from annotate.report.templating import fill
from annotate.types import Codebook

FORMATS: Final = (".html", ".md", ".json", ".tex")

_WORKS: Final = (
    (
        "Cohen, J. (1960). A coefficient of agreement for nominal scales."
        " Educational and Psychological Measurement, 20, 37–46."
    ),
    (
        "Efron, B. (1987). Better bootstrap confidence intervals."
        " Journal of the American Statistical Association, 82, 171–185."
    ),
    (
        "Field, C. A., & Welsh, A. H. (2007). Bootstrapping clustered data."
        " Journal of the Royal Statistical Society B, 69, 369–390."
    ),
    "Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin, 76, 378–382.",
    (
        "Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement."
        " British Journal of Mathematical and Statistical Psychology, 61, 29–48."
    ),
    "Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.). Advanced Analytics.",
    "Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician, 69, 371–386.",
    "Krippendorff, K. (2019). Content Analysis: An Introduction to Its Methodology (4th ed.). Sage.",
    (
        "Scott, W. A. (1955). Reliability of content analysis: The case of nominal scale coding."
        " Public Opinion Quarterly, 19, 321–325."
    ),
)

PlotRow = tuple[str, Coefficient]

_LATEX: Final = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "α": r"$\alpha$",
    "κ": r"$\kappa$",
    "π": r"$\pi$",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "\u00a0": "~",
}
_PAIRS: Final = 28  # those of eight coders
_HEADER: Final = ("estimate", "95 % interval", "P(<.667)", "P(<.800)")
_NUMBERS: Final = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_MARKDOWN: Final = re.compile(r"([\\`*_|<>\[\]])")


def render(certificate: Certificate, extension: str, *, codebook: Codebook | None = None) -> str:
    """Return the certificate in the format of the extension, one of ``FORMATS``."""
    if extension == ".json":
        return msgspec.json.format(msgspec.json.encode(certificate), indent=2).decode() + "\n"
    template = "methods.tex.j2" if extension == ".tex" else f"agreement{extension}.j2"
    names = {label.key: label.name for label in codebook.labels} if codebook else {}
    return fill(
        template,
        certificate=certificate,
        codebook=codebook,
        names={label: names.get(label, label) for label in certificate.labels},
        titles=titles(certificate),
        methods=methods(certificate, names),
        references=references(certificate),
        thresholds=THRESHOLDS,
        axis_from=_axis_from,
        drift=_drift,
        count=count,
        pairs=lowest_pairs(certificate),
        latex=latex,
        markdown=markdown,
        probability=_probability,
    )


def titles(certificate: Certificate) -> Mapping[str, str]:
    """Return what readers call the coefficients."""
    several = len(certificate.by_pair) > 1
    weighted = certificate.scale.kind != "nominal"
    mean, weight = (", mean of pairs" if several else ""), ("weighted " if weighted else "")
    return {
        "alpha": f"Krippendorff’s alpha ({certificate.scale.kind})",
        "percent": f"{weight}percent agreement",
        "cohen": f"Cohen’s {weight}kappa{mean}",
        "scott": f"Scott’s {weight}pi{mean}",
        "fleiss": f"Fleiss’ {weight}kappa",
        "gwet": "Gwet’s AC2" if weighted else "Gwet’s AC1",
    }


def as_text(certificate: Certificate) -> str:
    """Return the certificate as a short table for the terminal."""
    rows: list[Sequence[str]] = [("", *_HEADER)]
    for name, found in certificate.overall.items():
        cells = _cells(titles(certificate)[name], found)
        rows.append(cells if name == "alpha" else (*cells[:3], "", ""))  # the thresholds are of alpha
    labels: list[Sequence[str]] = [("alpha by label, against the rest", *_HEADER)]
    labels += [_cells(f"{row.label} ({row.units:,})", row.alpha) for row in certificate.by_label]
    tables = [rows, labels]
    if len(certificate.by_pair) > 1:
        lowest = lowest_pairs(certificate)
        some = (
            f", the {len(lowest)} lowest of {len(certificate.by_pair):,}"
            if len(lowest) < len(certificate.by_pair)
            else ""
        )
        tables.append([(f"alpha by pair of coders{some}", *_HEADER)])
        tables[-1] += [_cells(f"{' and '.join(row.coders)} ({row.units:,})", row.alpha) for row in lowest]
    for group, plotted in _drift(certificate):
        tables.append([(f"alpha by {group}", *_HEADER), *(_cells(name, found) for name, found in plotted)])
    overall = certificate.overall
    weighted = "" if certificate.scale.kind == "nominal" else "weighted "
    sections = [
        (
            f"{weighted}agreement {_figure(overall['percent'])}, {weighted}kappa {_figure(overall['cohen'])} on"
            f" {count(certificate.units, 'unit')} of {count(certificate.articles, 'document')},"
            f" by {_series(coder.name for coder in certificate.coders)}"
        ),
        *_aligned(tables),
        *(["\n".join(_remarks(certificate))] if _remarks(certificate) else []),
        *(f"CAUTION: {line}" for line in certificate.cautions),
        (
            f"{certificate.verdict}\n{THRESHOLDS}\nIntervals: bootstrap over {count(certificate.articles, 'document')},"
            f" {certificate.bootstraps:,} replicates, seed {certificate.seed}."
        ),
    ]
    return "\n\n".join(sections) + "\n"


def lowest_pairs(certificate: Certificate, most: int = _PAIRS) -> tuple[PairAgreement, ...]:
    """Return the pairs of coders in their order, or the ``most`` of lowest alpha, lowest first, if there are more."""
    pairs = certificate.by_pair
    if len(pairs) <= most:
        return pairs
    return tuple(sorted(pairs, key=lambda row: 2.0 if row.alpha.estimate is None else row.alpha.estimate)[:most])


def _remarks(certificate: Certificate) -> list[str]:
    """Return why figures in the terminal's tables are undefined or without an interval, a line a reason."""
    names: dict[str, list[str]] = {}
    shown = [(titles(certificate)[name], found) for name, found in certificate.overall.items()]
    shown += [(row.label, row.alpha) for row in certificate.by_label]
    shown += [(row.value, row.alpha) for row in certificate.by_group]
    for name, found in shown:
        if found.note:
            names.setdefault(found.note, []).append(name)
    return [f"{_series(named)}: {note}." for note, named in names.items()]


def methods(certificate: Certificate, names: Mapping[str, str]) -> str:
    """Return the paragraph for a paper's methods section, plain text, with every figure a reviewer asks for.

    Parameters
    ----------
    names
        What readers call the labels, by key.
    """
    alpha, overall = certificate.overall["alpha"], certificate.overall
    gwet = "2008" if certificate.scale.kind == "nominal" else "2014"
    sentences = [
        (
            f"{_who(certificate)} labelled {count(certificate.units, 'unit')}"
            f" of {count(certificate.articles, 'document')} independently of each other"
            f" ({count(certificate.judgments, 'judgment')}),"
            f" choosing one of {len(certificate.labels)} labels{_from_codebook(certificate)}."
        ),
        _left_out(certificate),
        (
            f"Reliability was computed on the judgments made before any discussion, as Krippendorff’s α for"
            f" {certificate.scale.kind} data (Krippendorff, 2019): {_with_interval('α', alpha)}{_risks(alpha)}."
        ),
        (
            f"Observed agreement was {_share(overall['percent'])};"
            f" {_with_interval('Cohen’s κ', overall['cohen'])} (Cohen, 1960),"
            f" {_with_interval('Scott’s π', overall['scott'])} (Scott, 1955),"
            f" {_with_interval('Fleiss’ κ', overall['fleiss'])} (Fleiss, 1971) and"
            f" {_with_interval(titles(certificate)['gwet'], overall['gwet'])} (Gwet, {gwet})."
        ),
        "By label, held against the rest, α was "
        + _series(f"{_bare(row.alpha)} for {names.get(row.label, row.label)}" for row in certificate.by_label)
        + ".",
        _pairs(certificate),
        (
            f"Brackets are 95 % intervals from a bootstrap over documents, whose units are not independent"
            f" (bias-corrected and accelerated, widened for the number of documents; {certificate.bootstraps:,}"
            f" replicates, seed {certificate.seed}; Efron, 1987; Field & Welsh, 2007; Hesterberg, 2015)."
        ),
        f"Computed with nutgraf {certificate.version}.",
    ]
    models = [line for line in certificate.cautions if "language model" in line]
    return " ".join(filter(None, [*sentences, *models]))


def references(certificate: Certificate) -> list[str]:
    """Return the works that the methods paragraph cites, in order of their authors' names."""
    return [work for work in _WORKS if "(2014)" not in work or certificate.scale.kind != "nominal"]


def latex(text: str) -> str:
    """Return the text as LaTeX shows it."""
    return "".join(_LATEX.get(character, character) for character in text)


def markdown(text: str) -> str:
    """Return the text as Markdown shows it, in one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _probability(value: float | None) -> str:
    return "–" if value is None else in_words(value)


def _cells(name: str, found: Coefficient) -> tuple[str, ...]:
    between = "–" if found.low is None or found.high is None else f"{found.low:.3f} to {found.high:.3f}"
    return (
        name, _figure(found), between, _probability(found.below_tentative), _probability(found.below_reliable)
    )  # fmt: skip


def _aligned(tables: Sequence[Sequence[Sequence[str]]]) -> list[str]:
    """Return the tables as text, with columns of one width in all."""
    widths = [max(map(len, column)) for column in zip(*(row for table in tables for row in table), strict=True)]

    def line(row: Sequence[str]) -> str:
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        return "  ".join((row[0].ljust(widths[0]), *cells)).rstrip()

    return ["\n".join(map(line, table)) for table in tables]


def _figure(found: Coefficient) -> str:
    return "undefined" if found.estimate is None else f"{found.estimate:.3f}"


def _bare(found: Coefficient) -> str:
    return f"undefined ({found.note})" if found.estimate is None else str(found)


def _with_interval(name: str, found: Coefficient) -> str:
    return f"{name} is undefined ({found.note})" if found.estimate is None else f"{name} = {found}"


def _share(found: Coefficient) -> str:
    if found.estimate is None:
        return f"undefined ({found.note})"
    if found.low is None or found.high is None:
        return f"{found.estimate:.1%}"
    return f"{found.estimate:.1%} [{found.low:.1%}, {found.high:.1%}]"


def _risks(alpha: Coefficient) -> str:
    if alpha.below_tentative is None or alpha.below_reliable is None:
        return f" ({alpha.note})" if alpha.note and alpha.estimate is not None else ""
    return f"; P(α < .667) is {in_words(alpha.below_tentative)} and P(α < .800) is {in_words(alpha.below_reliable)}"


def _who(certificate: Certificate) -> str:
    coders = _series(
        f"{coder.name} ({coder.kind or 'unknown whether person or model'})" for coder in certificate.coders
    )
    n = len(certificate.coders)
    return f"{_NUMBERS[n] if n < len(_NUMBERS) else n} coders, {coders},"


def _from_codebook(certificate: Certificate) -> str:
    book = certificate.codebook
    return (
        f" of the codebook “{book.name}” (version {book.version}, fingerprint {book.fingerprint[:12]})" if book else ""
    )


def _left_out(certificate: Certificate) -> str:
    parts = []
    if certificate.single:
        parts.append(f"{certificate.single:,} further units with one judgment")
    if certificate.unlabelled:
        parts.append(f"{count(certificate.unlabelled, 'unit')} seen but not labelled")
    skipped = sum(coder.skipped for coder in certificate.coders)
    more = f" In {count(skipped, 'case')} a coder saw a unit and gave it no label." if skipped else ""
    return (f"Not counted were {_series(parts)}." if parts else "Every unit had at least two judgments.") + more


def _pairs(certificate: Certificate) -> str:
    found = [row.alpha.estimate for row in certificate.by_pair if row.alpha.estimate is not None]
    if len(found) < 2:
        return ""
    return f"Between pairs of coders, α ran from {min(found):.3f} to {max(found):.3f}."


def _series(parts: Iterable[str]) -> str:
    listed = list(dict.fromkeys(parts))
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}" if listed else ""


def _axis_from(rows: Sequence[PlotRow]) -> float:
    """Return where the axis of a plot begins: at 0, or at the fifth below what lies lower; not below -1."""
    lows = [found.estimate if found.low is None else found.low for _, found in rows if found.estimate is not None]
    return max(-1.0, min(0.0, floor(5 * min(lows, default=0.0)) / 5))


def _drift(certificate: Certificate) -> list[tuple[str, list[PlotRow]]]:
    """Return the plots of agreement by outlet, source, round and week."""
    plots: dict[str, list[PlotRow]] = {}
    for row in certificate.by_group:
        plots.setdefault(row.group, []).append((f"{row.value} ({row.units})", row.alpha))
    return list(plots.items())
