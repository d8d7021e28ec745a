import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import MissingExtra
from annotate.readers.blocks import copies, page_blocks, parse, walk

PAGE = """<!DOCTYPE html><html><head><title>Unseen title</title><script>let unseen = "<p>no</p>";</script></head>
<body>Loose text<header><a href="/">The Daily&nbsp;Harbour</a></header>
<nav><ul><li><a href="/a">News</a></li><li><a href="/b">Sport</a> today</li></ul></nav>
<article><h1>Harbour <em>closes</em></h1><p>The harbour closed<br>on
   Monday.</p><h2><a href="#"><div>Why</div></a></h2><div>A division <span>with an inline part</span><p>and a
paragraph</p>and a tail</div><noscript>unseen</noscript></article>
<!-- unseen --><button>Subscribe</button><footer>Subscribe</footer><textarea>unseen</textarea></body></html>"""


def walked(page):
    return walk(page, parse(page))


def walk_text(page):
    return [block.text for block in walk(page, None)]


def test_blocks_come_in_page_order_with_white_space_collapsed():
    assert page_blocks(PAGE) == [
        "Loose text",
        "The Daily Harbour",
        "News",
        "Sport today",
        "Harbour closes",
        "The harbour closed",
        "on Monday.",
        "Why",
        "A division with an inline part",
        "and a paragraph",
        "and a tail",
        "Subscribe",
        "Subscribe",
    ]


def test_a_block_knows_its_path_heading_and_share_of_link_text():
    found = {block.text: (block.path, block.heading, round(block.link_density, 2)) for block in walked(PAGE)}
    assert found["News"] == ("body/nav/ul/li", None, 1.0)
    assert found["Sport today"][2] == 0.5
    assert found["Harbour closes"][1] == 1
    assert found["Why"][1:] == (2, 1.0)
    assert found["and a tail"][:2] == ("body/article/div", None)


def test_blocks_with_one_text_are_counted():
    assert copies(walked(PAGE))[-2:] == [2, 2]


def test_a_fragment_is_a_page():
    assert page_blocks("only words") == ["only words"]
    assert page_blocks("<p>one<p>two") == ["one", "two"]


@pytest.mark.parametrize("page", ["", "<!-- nothing -->", " \n", "<p></p>"])
def test_a_page_without_text_has_no_blocks(page):
    assert page_blocks(page) == []


def test_an_xml_declaration_that_contradicts_the_decoded_text_is_not_followed():
    page = '<?xml version="1.0" encoding="iso-8859-1"?><html><meta charset="latin-1"><body><p>“naïve”</p></body></html>'
    assert page_blocks(page) == ["“naïve”"]


def test_entities_become_characters_and_do_not_expand():
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><html><body><p>&eacute;&#8217;&b;</p></body></html>'
    assert page_blocks(bomb)[-1] == "é’&b;"


@pytest.mark.parametrize("tag", ["div", "b", "span", "ul><li", "table><tr><td", "p><font"])
def test_a_page_nested_beyond_the_trees_limit_loses_nothing(tag):
    page = f"<html><head><title>no</title></head><body><p>first</p>{f'<{tag}>' * 20_000}deep<p>last</p></body></html>"
    assert [text for text in page_blocks(page) if text] == ["first", "deep", "last"]


def test_closing_what_was_never_opened_is_harmless_at_any_depth():
    assert page_blocks("<div>" * 3000 + "in" + "</span></i></div>" * 9000 + "out") == ["in", "out"]


def test_what_nobody_sees_is_unseen_at_any_depth():
    page = "<head><title>no</title><body>" + "<div>" * 3000 + "<script>no()</script><style>no</style>yes<br>so"
    assert page_blocks(page) == ["yes", "so"]


@given(st.text(st.sampled_from("<>/ abdivp!-\"'=&;\x00\u2028é\U0001f600\n"), max_size=80))
def test_any_rubbish_is_read(page):
    for root in (parse(page), None):
        for block in walk(page, root):
            assert block.text == " ".join(block.text.split()) != ""
            assert 0 <= block.link_density <= 1


@pytest.mark.parametrize("page", ["<a " * 9, "<!-- " * 9, "<p>x</p><script>", "a > b < c", "<div title='>'>x</div>"])
def test_tags_that_do_not_end_are_text_or_nothing(page):
    assert "".join(walk_text(page)) in {"<a" + " <a" * 8, "<!--" + " <!--" * 8, "x", "a > b < c", "'>x"}


@pytest.mark.parametrize("page", ["<p " + "a=1 " * 10_001 + ">x", "<p>x" + "<b>" * 1001])
def test_a_page_that_a_tree_would_choke_on_is_read_without(page, monkeypatch):
    monkeypatch.setattr("annotate.readers.blocks._MAX_TAGS", 1000)
    assert parse(page) is None
    assert page_blocks(page) == ["x"]


@given(st.lists(st.text("abc é’", min_size=1).filter(str.strip), min_size=1, max_size=9))
def test_tree_and_events_agree_on_wellformed_pages(texts):
    page = "<html><body>" + "".join(f"<div><p>{text}</p></div>" for text in texts) + "</body></html>"
    assert walked(page) == walk(page, None)


def test_without_lxml_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lxml", None)
    with pytest.raises(MissingExtra, match=r"nutgraf\[web\]"):
        page_blocks(PAGE)
