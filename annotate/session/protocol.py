"""HTTP as it is spoken to browsers: uvicorn's, with a bound on what a request may send besides its body."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of a request's head and trailers; what arrives with its end in one piece is not counted."""


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed where a request goes on without an end of its head: the parser would keep it all."""

    _bodiless: int = 0
    _moved: bool = False

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        self._moved = False
        super().data_received(data)
        self._bodiless = 0 if self._moved else self._bodiless + len(data)
        if self._bodiless > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take note that a request is there in whole."""
        self._moved = True
        super().on_message_complete()
