"""A client on a library that waits for answers: what its users call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .assertion import AssertionClient
from .client import OAuth2Client
from .steps import Steps, run
from .token import OAuth2Token


class _Renewal:
    """Renews a token in one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._is_running = False

    def once(self, renewing: Callable[[], Steps[bool]]) -> bool:
        with self._lock:
            # A hook of the renewal that uses the client has what there is.
            return self._is_running or self._run(renewing)

    def _run(self, renewing: Callable[[], Steps[bool]]) -> bool:
        self._is_running = True
        try:
            return run(renewing())
        finally:
            self._is_running = False


class BlockingClient(OAuth2Client):
    """A client on a library that waits for answers. Threads may share it: they renew an expired token once."""

    def _setup(self, *args: Any, **kwargs: Any) -> None:
        super()._setup(*args, **kwargs)
        self._renewal = _Renewal()

    def create_authorization_url(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: Any
    ) -> tuple[str, str]:
        """Where to send the person, and the state by which their answer is known: keep it with their session.

        More parameters of the request may be named. With `par=True` the request is pushed first (RFC 9126).
        """
        if self.par:
            return run(self._pushing(url, state, code_verifier, kwargs))
        return self._authorization_url(url, state, code_verifier, kwargs)

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
    ) -> OAuth2Token:
        """Fetches a token: for `authorization_response`, the address that the person came back to, or `code`; for `username` and
        `password`; or for the client itself. The grant may be named, and more parameters of the request.
        """
        return run(self._fetching(url, body, method, headers, auth, grant_type, state, kwargs))

    def fetch_access_token(self, url: str | None = None, **kwargs: Any) -> OAuth2Token:
        """As `fetch_token`."""
        return self.fetch_token(url, **kwargs)

    def refresh_token(
        self,
        url: str | None = None,
        refresh_token: str | None = None,
        body: str = "",
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> OAuth2Token:
        """Renews the token. Without a new refresh token in the answer, the old one goes on."""
        return run(self._refreshing(url, refresh_token, body, auth, headers, kwargs))

    def ensure_active_token(self, token: Mapping[str, Any] | None = None) -> bool:
        """Renews the token if it has expired, or fetches the first: once, however many threads ask."""
        if self._is_fresh(token):
            return True
        return self._renewal.once(self._renewing)

    def revoke_token(
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
        return run(self._hinting("revoke_token_request", url, token, token_type_hint, body, auth, headers, kwargs))

    def introspect_token(
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
        return run(self._hinting("introspect_token_request", url, token, token_type_hint, body, auth, headers, kwargs))


class BlockingAssertionClient(AssertionClient):
    """A service account on a library that waits for answers. Threads may share it: they fetch a token once."""

    def _setup(self, *args: Any, **kwargs: Any) -> None:
        super()._setup(*args, **kwargs)
        self._renewal = _Renewal()

    def refresh_token(self) -> OAuth2Token:
        """Fetches a token."""
        return run(self._refreshing())

    def ensure_active_token(self, token: Mapping[str, Any] | None = None) -> bool:
        """Fetches a token if there is none or it has expired: once, however many threads ask."""
        if self._is_fresh():
            return True
        return self._renewal.once(self._renewing)
