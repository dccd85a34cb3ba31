"""A client on a library whose answers are awaited: what its users call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from anyio import CancelScope, Lock
from anyio.lowlevel import RunVar

from .assertion import AssertionClient
from .client import OAuth2Client, is_fragment
from .steps import run_async
from .token import OAuth2Token

#: How many seconds one that is cancelled stays for the renewal that it has begun, lest its session is closed under it.
GRACE = 5
#: A loop does not keep its tasks alive.
_running: set[Any] = set()
_renewed_here: ContextVar[Any] = ContextVar("authmint_renewed_here", default=None)
#: Of each event loop, which clients renew their token: a lock of a loop that is gone may be held for ever.
_renewals: RunVar[WeakKeyDictionary[Any, Lock]] = RunVar("authmint_renewals")


def renewal_of(client: Any) -> Lock:
    """The lock that lets one task at a time renew a client's token."""
    try:
        locks = _renewals.get()
    except LookupError:
        locks = WeakKeyDictionary()
        _renewals.set(locks)
    return locks.setdefault(client, Lock())


async def renew_once(client: Any) -> bool:
    """Renews a client's token, one task at a time. One that is cancelled meanwhile does not break off what it has begun: the server
    may have taken the refresh token, and whoever came with it again would be taken for a thief (RFC 9700 4.14.2).
    """
    has_begun, lock = False, renewal_of(client)
    if lock.locked() and _renewed_here.get() is client:
        # A hook of the renewal uses the client: it has what there is.
        return True

    async def renew() -> bool:
        nonlocal has_begun
        async with lock:
            has_begun, here = True, _renewed_here.set(client)
            try:
                return await run_async(client._renewing())
            finally:
                _renewed_here.reset(here)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Another library's loop, where no task outlives the one that began it.
        return await renew()
    task = asyncio.ensure_future(renew())
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if has_begun:
            with CancelScope(shield=True):
                await asyncio.wait({task}, timeout=GRACE)
        else:
            task.cancel()
        raise


class AwaitedClient(OAuth2Client):
    """A client on a library whose answers are awaited. Tasks may share it: they renew an expired token once.

    `update_token` and the hooks may be coroutine functions.
    """

    def create_authorization_url(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: Any
    ) -> tuple[str, str]:
        """Where to send the person, and the state by which their answer is known: keep it with their session.

        More parameters of the request may be named. With `par=True`, await `push_authorization_request` instead.
        """
        if self.par:
            raise ValueError("par=True sends a request first: await push_authorization_request(url, ...)")
        return self._authorization_url(url, state, code_verifier, kwargs)

    async def push_authorization_request(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: Any
    ) -> tuple[str, str]:
        """Pushes an authorization request (RFC 9126); returns what `create_authorization_url` does."""
        return await run_async(self._pushing(url, state, code_verifier, kwargs))

    def fetch_token(
        self,
        url: str | None = None,
        body: str = "",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
        grant_type: str | None = None,
        state: str | None = None,
        **kwargs: Any,
    ) -> Coroutine[Any, Any, OAuth2Token]:
        """Fetches a token, to be awaited: for `authorization_response`, the address that the person came back to, or `code`; for
        `username` and `password`; or for the client itself. The grant may be named, and more parameters of the request.

        A token that is in the fragment of an address is there at once, and not awaited; `token_from_fragment` says so in its type.
        """
        response = kwargs.get("authorization_response")
        if is_fragment(response):
            return self.token_from_fragment(str(response), state)  # type: ignore[return-value]
        return run_async(self._fetching(url, body, method, headers, auth, grant_type, state, kwargs))

    def fetch_access_token(self, url: str | None = None, **kwargs: Any) -> Coroutine[Any, Any, OAuth2Token]:
        """As `fetch_token`."""
        return self.fetch_token(url, **kwargs)

    async def refresh_token(
        self,
        url: str | None = None,
        refresh_token: str | None = None,
        body: str = "",
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> OAuth2Token:
        """Renews the token. Without a new refresh token in the answer, the old one goes on."""
        return await run_async(self._refreshing(url, refresh_token, body, auth, headers, kwargs))

    async def ensure_active_token(self, token: Mapping[str, Any] | None = None) -> bool:
        """Renews the token if it has expired, or fetches the first: once, however many tasks ask."""
        if self._is_fresh(token):
            return True
        return await renew_once(self)

    async def revoke_token(
        self,
        url: str,
        token: str | None = None,
        token_type_hint: str | None = None,
        body: str | None = None,
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Ends a token (RFC 7009): the refresh token of the session unless another is named."""
        return await run_async(self._hinting("revoke_token_request", url, token, token_type_hint, body, auth, headers, kwargs))

    async def introspect_token(
        self,
        url: str,
        token: str | None = None,
        token_type_hint: str | None = None,
        body: str | None = None,
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Asks what a token is worth (RFC 7662)."""
        return await run_async(
            self._hinting("introspect_token_request", url, token, token_type_hint, body, auth, headers, kwargs)
        )


class AwaitedAssertionClient(AssertionClient):
    """A service account on a library whose answers are awaited. Tasks may share it: they fetch a token once."""

    async def refresh_token(self) -> OAuth2Token:
        """Fetches a token."""
        return await run_async(self._refreshing())

    async def ensure_active_token(self, token: Mapping[str, Any] | None = None) -> bool:
        """Fetches a token if there is none or it has expired: once, however many tasks ask."""
        if self._is_fresh():
            return True
        return await renew_once(self)
