"""Run the session: one process, one address, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import uvicorn

from annotate.errors import InputError, NutgrafError, OutputFailed
from annotate.session.app import create_app
from annotate.session.learner import Learner
from annotate.session.protocol import BoundedProtocol
from annotate.session.session import Session
from annotate.session.settings import Settings, is_address
from annotate.store import Store

PORTS: Final = range(8765, 8786)
"""Tried in turn where none is asked for."""

_GRACE: Final = 1
_HOUR: Final = 3600
_LOG: Final = logging.getLogger("uvicorn.error")
_MOST_AT_ONCE: Final = 1000
_TURN: Final = 0.0005
"""Seconds that a thread computes before another may."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session is served.

    Parameters
    ----------
    host
        ``127.0.0.1`` for this machine alone, ``0.0.0.0`` for all that reach it.
    port
        None for the first free one of ``PORTS``, 0 for any.
    certificate, key
        Files for TLS.
    names
        Host names under which browsers may come.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()


def serve(
    store: Store,
    starter: str,
    address: Address,
    *,
    ready: Callable[[str], None],
    model: str | None = None,
    hourly: Callable[[], object] | None = None,
) -> None:
    """Serve a store until the process is interrupted or terminated.

    Parameters
    ----------
    starter
        The coder whom the link signs in.
    ready
        Called with the link once browsers can come, and again with a fresh one whenever somebody stands at the
        sign-in without a password.
    model
        Whose suggestions are shown in rounds that show any.
    hourly
        Called every hour in a thread of its own.

    Raises
    ------
    OutputFailed
        If the port is taken.
    InputError
        If the certificate can't be used.
    """
    listening = _listen(address)
    port = listening.getsockname()[1]
    secure = address.certificate is not None
    names = address.names if is_address(address.host) else (*address.names, address.host)
    app = create_app(store, Settings(port=port, secure=secure, names=names, model=model), starter=starter)
    session: Session = app.state.session
    named = "127.0.0.1" if address.host in ("0.0.0.0", "::", "localhost") else address.host  # noqa: S104 - compared
    base = f"{'https' if secure else 'http'}://{f'[{named}]' if ':' in named else named}:{port}"
    session.visitors.tell = lambda token: ready(f"{base}/?token={token}")
    config = uvicorn.Config(
        app,
        log_level=logging.WARNING,
        access_log=False,  # it would hold the links' tokens
        server_header=False,
        date_header=False,
        lifespan="off",
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        timeout_graceful_shutdown=_GRACE,
        limit_concurrency=_MOST_AT_ONCE,
        proxy_headers=False,
        ws="none",
        http=BoundedProtocol,
    )
    try:
        config.load()
    except OSError as error:
        raise InputError(
            f"is no certificate that can be used ({error.strerror or error})",
            where=address.certificate,
            remedy="give the certificate and its key as PEM files",
        ) from error
    with listening, _turns():
        server = _Server(config, session.visitors.tell_link, session.end)
        with asyncio.Runner(loop_factory=_new_loop()) as runner:
            runner.run(_run(server, listening, Learner(store, on_growth=session.give_out), hourly))


@contextmanager
def _turns() -> Iterator[None]:
    """Let the threads that serve and write take turns often, and the collector walk past what stays anyway.

    The writer waits for the disk and the database some times a batch. After each it waits for the interpreter too, 5 ms
    by default while the other thread is busy: with 50 coders at once that costs a third of what is stored a second.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _new_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the quickest event loop that is installed, None for Python's own."""
    try:
        import uvloop  # noqa: PLC0415 - not to be had on Windows
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop


async def _run(
    server: uvicorn.Server, listening: socket.socket, learner: Learner, hourly: Callable[[], object] | None
) -> None:
    chores = [asyncio.create_task(learner.run())]
    if hourly is not None:
        chores.append(asyncio.create_task(_every_hour(hourly)))
    await server.serve(sockets=[listening])
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)


async def _every_hour(chore: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(_HOUR)
        try:
            await asyncio.to_thread(chore)
        except NutgrafError as error:
            _LOG.warning("%s", error)


class _Server(uvicorn.Server):
    """A server that says when browsers can come, and when it is about to stop."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], ends: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started
        self._ends = ends

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ends()
        await super().shutdown(sockets)


def _listen(address: Address) -> socket.socket:
    problem: OSError | None = None
    for port in PORTS if address.port is None else (address.port,):
        try:
            return _bound(address.host, port)
        except OSError as error:
            problem = error
    assert problem is not None
    raise OutputFailed(
        f"can't listen ({problem.strerror or problem})",
        where=f"{address.host}:{address.port or PORTS.start}",
        remedy="choose another with --port",
    ) from problem


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(512)
    except OSError:
        made.close()
        raise
    return made
