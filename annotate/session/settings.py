"""What a session is told when it starts."""

from __future__ import annotations

import ipaddress

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session is served.

    Parameters
    ----------
    port
        Cookies know no port, so it stands in their names: two projects on one machine stay apart.
    secure
        Whether browsers come over TLS.
    names
        Host names under which browsers may come, besides ``localhost`` and plain addresses.
    model
        Whose suggestions are shown in rounds that show any.
    """

    port: int
    secure: bool = False
    names: tuple[str, ...] = ()
    model: str | None = None

    @property
    def cookie(self) -> str:
        """Return the name of the cookie that carries a sign-in."""
        return f"{'__Host-' if self.secure else ''}nutgraf-{self.port}"


def is_loopback(host: str) -> bool:
    """Return whether only programs of this machine reach a host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def is_address(host: str) -> bool:
    """Return whether a host is written as a plain address, which no name server can point elsewhere."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
