"""An event loop for a test, in a thread of its own: in the main thread a browser's loop may be running."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor


def run(work):
    """Return what a coroutine returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
