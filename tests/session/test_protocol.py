"""What a connection takes, in whatever pieces it comes."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn
from loops import run
from uvicorn.server import ServerState

from annotate.session.protocol import LARGEST_HEAD, BoundedProtocol

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


async def count(scope, receive, send):
    """Answer with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(str(length)))]}
    )
    await send({"type": "http.response.body", "body": str(length).encode()})


def answer_to(*pieces):
    """Send pieces one after another and return all that comes back until the connection is closed."""

    async def ask():
        config = uvicorn.Config(count, http=BoundedProtocol, lifespan="off", ws="none", log_level="critical")
        state = ServerState()
        serving = await asyncio.get_running_loop().create_server(
            lambda: BoundedProtocol(config, state, {}), "127.0.0.1", 0
        )
        async with serving:
            reader, writer = await asyncio.open_connection(*serving.sockets[0].getsockname())
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            got = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            await writer.wait_closed()
        return got

    return run(ask())


def lines(begun):
    """Yield lines of a head of which the last crosses the bound: any behind it could meet a closed door."""
    sent = begun
    while sent <= LARGEST_HEAD:
        line = b"X-Long: " + b"x" * 990 + b"\r\n"
        sent += len(line)
        yield line


def test_a_head_without_an_end_is_refused_however_small_its_pieces():
    begun = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
    assert b" 400 " in answer_to(begun, *lines(len(begun)))


def test_one_value_without_an_end_is_refused():
    assert b" 400 " in answer_to(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * LARGEST_HEAD)


def test_trailers_without_an_end_are_refused():
    begun = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert b" 400 " in answer_to(begun, b"1\r\nx\r\n", b"0\r\n", *lines(3))


@pytest.mark.parametrize("size", [1000, 40_000])
def test_a_body_larger_than_a_head_may_be_is_taken(size):
    pieces = [b"x" * size] * (200_000 // size)
    got = answer_to(POST + b"Content-Length: 200000\r\n\r\n", *pieces)
    assert b" 200 " in got
    assert got.endswith(b"200000")


def test_many_requests_on_one_connection_are_not_counted_together():
    one = POST.replace(b"Connection: close\r\n", b"X-Long: " + b"x" * 10_000 + b"\r\n") + b"Content-Length: 2\r\n\r\n"
    got = answer_to(*[part for _ in range(9) for part in (one, b"ab")], POST + b"Content-Length: 1\r\n\r\nc")
    assert got.count(b" 200 ") == 10
