"""Threads for what may wait, of its own: an issuer that hangs must not take those that the application has for its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

_Result = TypeVar("_Result")
#: How many threads may wait in an event loop at a time.
MOST = 32
_limiters: RunVar[CapacityLimiter] = RunVar("authmint_threads")


async def wait_in_thread(wait: Callable[[], _Result]) -> _Result:
    """Calls a function that waits, in a thread."""
    try:
        limiter = _limiters.get()
    except LookupError:
        limiter = CapacityLimiter(MOST)
        _limiters.set(limiter)
    return await run_sync(wait, limiter=limiter)
