import gzip
import http.server
import threading

import pytest

from annotate.errors import InputError, NoSuchFile
from annotate.readers import read_articles
from annotate.readers.fetch import Answer, Fetcher, get_with_urllib

HTML = {"content-type": "text/html; charset=ISO-8859-1"}
PAGE = b"<html><body><p>A caf\xe9.</p></body></html>"


class Web:
    """A web that answers from a dictionary, and a clock that stands still unless somebody waits."""

    def __init__(self, answers):
        self.answers = {"https://gazette.example/robots.txt": Answer(404, {}, b""), **answers}
        self.asked, self.waited, self.now = [], [], 100.0

    def get(self, url):
        self.asked.append(url)
        return self.answers[url]

    def pause(self, seconds):
        self.waited.append(seconds)
        self.now += seconds

    def fetcher(self):
        return Fetcher(self.get, self.pause, lambda: self.now)


def url(path):
    return f"https://gazette.example/{path}"


def redirect(target, status=302):
    return Answer(status, {"location": target}, b"")


def test_a_page_named_by_its_address_is_an_article():
    web = Web({url("1"): Answer(200, HTML, PAGE)})
    (article,) = read_articles([url("1")], fetch=web.fetcher())
    assert (article.id, article.text, article.url) == (url("1"), "A café.\n", url("1"))
    assert web.asked == [url("robots.txt"), url("1")]


@pytest.mark.parametrize("raw", [b"id,text\n7,One.\n", gzip.compress(b"id,text\n7,One.\n", mtime=0)])
def test_a_table_named_by_its_address_is_read_as_one(raw):
    web = Web({url("t.csv.gz"): Answer(200, {"content-type": "application/gzip"}, raw)})
    (article,) = read_articles([url("t.csv.gz")], fetch=web.fetcher())
    assert (article.id, article.text) == ("7", "One.")


def test_packed_content_is_unpacked():
    web = Web({url("1"): Answer(200, {**HTML, "content-encoding": "gzip"}, gzip.compress(PAGE))})
    assert web.fetcher()(url("1")).content == PAGE


def test_redirects_are_followed_and_the_last_address_is_told():
    web = Web({url("1"): redirect("/2", 301), url("2"): redirect(url("3"), 308), url("3"): Answer(200, HTML, PAGE)})
    assert web.fetcher()(url("1")).url == url("3")


def test_redirects_end_somewhere():
    web = Web({url("1"): redirect("/1")})
    with pytest.raises(InputError, match="redirects more than 5 times"):
        web.fetcher()(url("1"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x.example/a", "https://", "http://[", "gopher://x"])
def test_nothing_but_http_is_fetched(address):
    web = Web({})
    with pytest.raises(NoSuchFile, match="only http and https"):
        list(read_articles([address], fetch=web.fetcher()))
    assert web.asked == []


def test_a_redirect_to_a_file_is_not_followed():
    with pytest.raises(NoSuchFile, match="only http and https"):
        Web({url("1"): redirect("file:///etc/passwd")}).fetcher()(url("1"))


def test_what_robots_txt_forbids_is_not_fetched():
    robots = Answer(200, {}, b"User-agent: *\nDisallow: /private\n\nUser-agent: nutgraf\nDisallow: /mine\n")
    web = Web({url("robots.txt"): robots, url("private"): Answer(200, HTML, PAGE)})
    fetch = web.fetcher()
    assert fetch(url("private")).content == PAGE
    with pytest.raises(InputError, match=r"robots\.txt asks"):
        fetch(url("mine"))
    assert web.asked == [url("robots.txt"), url("private")]


def test_a_redirect_to_what_robots_txt_forbids_is_not_followed():
    robots = Answer(200, {}, b"User-agent: *\nDisallow: /private\n")
    web = Web({url("robots.txt"): robots, url("1"): redirect("/private")})
    with pytest.raises(InputError, match=r"private: .*robots\.txt"):
        web.fetcher()(url("1"))


def test_while_robots_txt_fails_nothing_is_fetched():
    web = Web({url("robots.txt"): Answer(503, {}, b"")})
    with pytest.raises(InputError, match=r"503 for robots\.txt"):
        web.fetcher()(url("1"))


def test_robots_txt_may_stand_elsewhere():
    web = Web({url("robots.txt"): redirect("/r"), url("r"): Answer(200, {}, b"User-agent: *\nDisallow: /")})
    with pytest.raises(InputError, match=r"robots\.txt asks"):
        web.fetcher()(url("1"))


def test_a_server_is_asked_once_a_second():
    web = Web({url("1"): Answer(200, HTML, PAGE), url("2"): Answer(200, HTML, PAGE)})
    fetch = web.fetcher()
    fetch(url("1"))
    web.now += 0.25
    fetch(url("2"))
    assert web.waited == [1.0, 0.75]


@pytest.mark.parametrize("status", [404, 410, 500])
def test_a_page_that_is_not_there_is_named(status):
    with pytest.raises(NoSuchFile, match=f"{url('1')}: the server answered {status}"):
        Web({url("1"): Answer(status, {}, b"")}).fetcher()(url("1"))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/large":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 3000)
        elif self.path == "/caf%C3%A9?q=a%20b":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.headers["User-Agent"].encode())
        else:
            self.send_response(302)
            self.send_header("Location", "/large")
            self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_a_real_server_is_asked_for_one_address(server, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    answer = get_with_urllib(f"{server}/café?q=a b#part")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html"
    assert answer.content.startswith(b"nutgraf/")
    assert get_with_urllib(f"{server}/elsewhere").headers["location"] == "/large"
    monkeypatch.setattr("annotate.readers.fetch.MAX_PAGE", 2000)
    with pytest.raises(InputError, match="is larger than"):
        get_with_urllib(f"{server}/large")


def test_a_server_that_is_not_there_is_one_line(server, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(InputError, match="cannot be fetched"):
        get_with_urllib("http://127.0.0.1:1/")
