"""Threads in which something is waited for that tasks need: none of those that the application's own functions run in."""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from .. import _core

#: How many threads wait for what another one fetches.
MOST = 40
_waiting: RunVar[CapacityLimiter] = RunVar("authmint_waiting")


async def wait_for(pending: _core.Pending) -> Any:
    """Waits for a judgement. Who fetches has a thread at once, since others may have all of them and wait for what it fetches; the
    core bounds how many do.
    """
    if pending.fetches:
        return await run_sync(pending.wait, limiter=CapacityLimiter(1))
    try:
        limiter = _waiting.get()
    except LookupError:
        limiter = CapacityLimiter(MOST)
        _waiting.set(limiter)
    return await run_sync(pending.wait, limiter=limiter)
