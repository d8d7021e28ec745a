import pytest

from annotate.errors import EmptyInput, FormatError, MissingExtra
from annotate.readers import read_articles
from annotate.readers.options import Fetched

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Harbour Gazette</title><link>https://gazette.example/</link><language>en-gb</language>
<item><title>Council &amp; pier</title><link>https://gazette.example/pier</link><guid>g1</guid>
<dc:creator>A. Berg</dc:creator>
<pubDate>Sun, 01 Mar 2020 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>The council voted.</p><p>“Nobody asked us.”</p>]]></content:encoded></item>
<item><title>Empty</title><link>https://gazette.example/empty</link><description/></item>
<item><title>Storm</title><link>/storm</link><description>A storm &lt;b&gt;came&lt;/b&gt;.</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Harbour Gazette</title>
<entry><id>urn:1</id><title>Council</title><link rel="self" href="x"/><link href="https://gazette.example/1"/>
<author><name>A. Berg</name></author><published>2020-03-01T10:00:00Z</published><updated>2021-01-01T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content></entry>
<entry><id>urn:2</id><content type="text">a &lt; b</content></entry>
<entry><id>urn:3</id><summary type="html">&lt;p&gt;Three.&lt;/p&gt;</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>Old</title></channel><item><title>T</title><link>https://old.example/1</link>
<description>Old text.</description></item></rdf:RDF>"""


@pytest.fixture
def reading(tmp_path):
    def read(raw, name="news.rss", **options):
        path = tmp_path / name
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        bad = []
        return list(read_articles([path], on_bad_row=bad.append, **options)), bad

    return read


def test_an_rss_feeds_entries_are_articles(reading):
    (pier, storm), bad = reading(RSS)
    assert (pier.id, pier.text) == ("g1", "The council voted.\n\n“Nobody asked us.”\n")
    assert (pier.title, pier.byline, pier.outlet) == ("Council & pier", "A. Berg", "The Harbour Gazette")
    assert (pier.published, pier.language) == ("2020-03-01T10:00:00+00:00", "en-gb")
    assert pier.url == "https://gazette.example/pier"
    assert (storm.text, storm.published) == ("A storm came.\n", None)
    assert len(bad) == 1
    assert "news.rss entry 2: there is no text" in bad[0]


def test_an_atom_feeds_entries_are_articles(reading):
    articles, bad = reading(ATOM, "news.atom")
    assert [(a.id, a.text) for a in articles] == [
        ("urn:1", "One.\n\nTwo.\n"),
        ("urn:2", "a < b\n"),
        ("urn:3", "Three.\n"),
    ]
    assert (articles[0].url, articles[0].byline) == ("https://gazette.example/1", "A. Berg")
    assert (articles[0].published, articles[0].language) == ("2020-03-01T10:00:00Z", "en")
    assert bad == []


def test_an_rdf_feeds_entries_are_articles(reading):
    (article,), _ = reading(RDF, "news.xml")
    assert (article.id, article.text, article.outlet) == ("https://old.example/1", "Old text.\n", "Old")


def test_a_feed_in_another_encoding_says_so_itself(reading):
    (article,), _ = reading(RDF.replace("Old text", "Größe").encode("utf-16"), "news.xml")
    assert article.text == "Größe.\n"


def test_the_pages_a_feed_points_to_are_fetched_if_the_user_wants(reading):
    asked = []

    def fetch(url):
        asked.append(url)
        return Fetched(url, b"<html><body><p>The whole caf\xe9 story.</p></body></html>", True, "iso-8859-1")

    articles, bad = reading(ATOM, "news.atom", follow=True, fetch=fetch)
    assert asked == ["https://gazette.example/1"]
    assert [(a.id, a.text, a.title) for a in articles] == [
        ("https://gazette.example/1", "The whole café story.\n", "Council")
    ]
    assert len(bad) == 2
    assert "entry 2: has no link" in bad[0]


def test_entities_of_html_are_known_though_xml_does_not_know_them(reading):
    (article,), _ = reading(RDF.replace("Old text", "Old&nbsp;text &mdash; &lt;b&gt;caf&eacute;&lt;/b&gt;"), "news.xml")
    assert article.text == "Old text — café.\n"


def test_entities_are_not_expanded_and_cost_no_entry(reading):
    bombs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{bombs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    articles, bad = reading(doctype + RSS.split("?>")[1].replace("A storm", "&e9;&f;A storm"))
    assert [article.text for article in articles] == ["The council voted.\n\n“Nobody asked us.”\n", "A storm came.\n"]
    assert len(bad) == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("<urlset><url/></urlset>", "no RSS or Atom feed: it holds <urlset>"),
        ("words", "it holds nothing"),
        ("", "no readable XML"),
    ],
)
def test_what_is_no_feed_is_refused(reading, raw, reason):
    with pytest.raises(FormatError, match=reason):
        reading(raw, "news.xml")


def test_a_feed_without_text_is_empty(reading):
    with pytest.raises(EmptyInput, match="no entry with a text"):
        reading("<rss><channel><title>x</title></channel></rss>")


def test_without_the_extra_the_line_that_installs_it_is_given(reading, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lxml", None)
    with pytest.raises(MissingExtra, match=r"nutgraf\[web\]"):
        reading(RSS)
