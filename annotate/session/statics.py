"""The page's own scripts and styles: read once, compressed once, under a name that changes when they do."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


class Shelf(msgspec.Struct, frozen=True):
    """All files by name, plain and compressed, and the digest over all of them."""

    digest: str
    plain: dict[str, bytes]
    compressed: dict[str, bytes]


@lru_cache
def shelf() -> Shelf:
    """Return the files; names that are not among them are never looked for on the disk."""
    plain = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}
    total = hashlib.sha256()
    for name, content in plain.items():
        total.update(f"{name} {len(content)}\n".encode() + content)
    compressed = {name: gzip.compress(content, 9, mtime=0) for name, content in plain.items()}
    return Shelf(total.hexdigest()[:16], plain, compressed)


async def serve(request: Request) -> Response:
    """Answer with a file."""
    name = request.path_params["name"]
    files = shelf()
    if request.path_params["digest"] != files.digest or name not in files.plain:
        return PlainTextResponse("There is no such file.\n", 404)
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    content = files.compressed if "Content-Encoding" in headers else files.plain
    return Response(content[name], media_type=_TYPES[Path(name).suffix], headers=headers)
