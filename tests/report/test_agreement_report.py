from __future__ import annotations

import json
import re

import msgspec
import numpy as np
import pytest
from coders import newsroom, ratings

from annotate.agreement import Scale, certify
from annotate.report.agreement import FORMATS, as_text, latex, lowest_pairs, markdown, methods, references, render

HOSTILE = "<script>alert(1)</script> & “x” | 100% {{ 7 * 7 }} \\input{x} _y_ \u202e</style>"


@pytest.fixture(scope="module")
def certificate(codebook):
    table = newsroom(30, coders=3, seed=6)
    weeks = np.array(["2026-W08", "2026-W09", "2026-W10"])[table.article % 3]
    table = msgspec.structs.replace(table, labels=codebook.keys, groups={"week": weeks, "outlet": weeks})
    kinds = {"coder-0": ("person", "trained"), "coder-1": ("language model", HOSTILE)}
    return certify(table, kinds=kinds, codebook=codebook, text_of=lambda *_: HOSTILE, bootstraps=200)


@pytest.fixture(scope="module")
def plain():
    table = msgspec.structs.replace(ratings([[0, 0]] * 5), labels=("yes", "no"), coders=("a_b|c", "d%"))
    return certify(table, bootstraps=100)


class TestPage:
    def test_it_runs_nothing_loads_nothing_and_closes_what_it_opens(self, certificate, codebook):
        page = render(certificate, ".html", codebook=codebook)
        tags = re.findall(r"<(/?)([a-zA-Z][\w-]*)([^<>]*?)(/?)>", page)
        assert "script" not in {name for _, name, _, _ in tags}
        assert not re.search(r"\s(on\w+|src|href)=", page)
        open_tags = []
        for closing, name, _, alone in tags:
            if name in ("meta", "br") or alone:
                continue
            if closing:
                assert open_tags.pop() == name
            else:
                open_tags.append(name)
        assert open_tags == []

    def test_hostile_text_is_shown_as_it_is(self, certificate, codebook):
        page = render(certificate, ".html", codebook=codebook)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “x” | 100% {{ 7 * 7 }}" in page

    def test_every_part_is_there(self, certificate, codebook):
        page = render(certificate, ".html", codebook=codebook)
        for part in (
            "Label by label",
            "What is taken for what",
            "Pair by pair",
            "By week",
            "By outlet",
            "Most disputed units",
            "How many units to code twice",
            "For the methods section",
            ".667",
            ".800",
        ):
            assert part in page  # fmt: skip

    def test_plots_keep_to_their_box_and_need_no_codebook(self):
        bad = certify(newsroom(30, skill=0.05, seed=7), bootstraps=200)
        page = render(bad, ".html")
        assert bad.overall["alpha"].low < 0
        xs = [float(x) for x in re.findall(r'(?:x1|x2|cx)="([^"]*)"', page)]
        assert xs
        assert all(0 <= x <= 760 for x in xs)


class TestMethods:
    def test_the_paragraph_has_every_figure_a_reviewer_asks_for(self, certificate, codebook):
        text = methods(certificate, {"quoted_official": "quoted official"})
        alpha = certificate.overall["alpha"]
        for figure in (
            "Three coders",
            "coder-0 (person)",
            "coder-1 (language model)",
            "coder-2 (unknown whether",
            f"{certificate.units:,} units of 30 documents",
            codebook.fingerprint[:12],
            f"α = {alpha}",
            "P(α < .667)",
            "P(α < .800)",
            "Cohen’s κ",
            "Scott’s π",
            "Fleiss’ κ",
            "Gwet’s AC1",
            "quoted official",
            "before any discussion",
            "200 replicates, seed 0",
            "nutgraf",
            "is a language model",
            "Between pairs of coders",
        ):
            assert figure in text  # fmt: skip

    def test_every_work_cited_is_listed_and_every_work_listed_is_cited(self, certificate):
        ordinal = certify(newsroom(30), scale=Scale("ordinal", (1, 2, 3, 4)), bootstraps=100)
        for found in (certificate, ordinal):
            text, works = methods(found, {}), references(found)
            cited = set(re.findall(r"(\w+)(?: & \w+)?, (\d{4})", text))
            listed = {(work.split(",")[0], re.search(r"\((\d{4})\)", work)[1]) for work in works}
            assert cited <= listed
            assert {year for _, year in listed} - {year for _, year in cited} <= {"2008"}

    def test_undefined_figures_come_with_their_reason(self, plain):
        text = methods(plain, {})
        assert "α is undefined (all judgments gave one label, and chance alone would too)" in text
        assert "nan" not in text

    def test_an_ordered_scale_is_named_and_weights_with_it(self):
        found = certify(newsroom(30), scale=Scale("ordinal", (1, 2, 3, 4)), bootstraps=100)
        assert "for ordinal data" in methods(found, {})
        assert "Gwet’s AC2" in as_text(found)
        assert "weighted percent agreement" in as_text(found)


def test_latex_escapes_what_latex_takes_for_commands():
    assert latex(r"50% of a_b & {c} \d ~ ^ # $ α <") == (
        r"50\% of a\_b \& \{c\} \textbackslash{}d \textasciitilde{} \textasciicircum{} \# \$ $\alpha$ \textless{}"
    )


def test_latex_reports_have_no_bare_special_character(certificate, codebook, plain):
    for found, book in ((certificate, codebook), (plain, None)):
        lines = [line for line in render(found, ".tex", codebook=book).split("\n") if not line.startswith("%")]
        assert not [line for line in lines if re.search(r"(?<!\\)[%#_]", line)]
        assert all(line.count(r"\begin{") + line.count(r"\end{") < 2 for line in lines)


def test_markdown_keeps_a_cell_a_cell():
    assert markdown("a|b\n*c*\u2028_d_") == r"a\|b \*c\* \_d\_"


def test_markdown_tables_are_whole(certificate, codebook, plain):
    for found, book in ((certificate, codebook), (plain, None)):
        text = render(found, ".md", codebook=book)
        tables = [block.strip().split("\n") for block in text.split("\n\n") if block.strip().startswith("|")]
        assert len(tables) >= 5
        for table in tables:
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table}) == 1


def test_json_holds_the_certificate_and_null_where_a_figure_is_undefined(certificate, plain):
    assert json.loads(render(certificate, ".json"))["overall"]["alpha"]["estimate"] == pytest.approx(
        certificate.overall["alpha"].estimate
    )
    assert json.loads(render(plain, ".json"))["overall"]["alpha"]["estimate"] is None


def test_the_terminal_gets_a_table_with_columns_in_line(certificate, plain):
    for found in (certificate, plain):
        text = as_text(found)
        head, first = next(
            (a, b) for a, b in zip(text.split("\n"), text.split("\n")[1:], strict=False) if "estimate" in a
        )
        assert len(head) >= len(first.rstrip()) - 1
        assert "nan" not in text
    assert "alpha by pair of coders" in as_text(certificate)
    assert "alpha by outlet" in as_text(certificate)
    assert "alpha by week" in as_text(certificate)
    assert "yes: every judgment gave this label." in as_text(plain)


def test_of_many_pairs_the_lowest_are_shown():
    found = certify(newsroom(30, coders=9, seed=9), bootstraps=100)
    shown = lowest_pairs(found)
    assert len(shown) == 28
    assert max(row.alpha.estimate for row in shown) <= sorted(row.alpha.estimate for row in found.by_pair)[27]
    assert "the 28 lowest of 36" in as_text(found)
    assert "Of 36 pairs, the 28 lowest" in render(found, ".html")


@pytest.mark.parametrize("extension", FORMATS)
def test_the_same_certificate_gives_the_same_bytes(certificate, codebook, extension):
    assert render(certificate, extension, codebook=codebook) == render(certificate, extension, codebook=codebook)
