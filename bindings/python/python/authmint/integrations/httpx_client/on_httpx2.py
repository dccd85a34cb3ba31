"""The clients on `httpx2`."""

from __future__ import annotations

import httpx2 as httpx

from ._shared import (
    AssertionOfHttpx,
    AsyncAssertionOfHttpx,
    AsyncOAuth2OfHttpx,
    HttpxClientAuth,
    HttpxTokenAuth,
    OAuth2OfHttpx,
)


class OAuth2Auth(HttpxTokenAuth, httpx.Auth):
    """Puts a token into a request."""

    httpx = httpx


class OAuth2ClientAuth(HttpxClientAuth, httpx.Auth):
    """Authenticates a request as a client."""

    httpx = httpx


class OAuth2Client(OAuth2OfHttpx, httpx.Client):
    """A client that fetches, carries and renews tokens. Everything that a client of HTTPX can is there. Threads may share it."""

    httpx = httpx
    client_auth_class = OAuth2ClientAuth
    token_auth_class = OAuth2Auth


class AsyncOAuth2Client(AsyncOAuth2OfHttpx, httpx.AsyncClient):
    """A client that fetches, carries and renews tokens, to be awaited. Tasks may share it."""

    httpx = httpx
    client_auth_class = OAuth2ClientAuth
    token_auth_class = OAuth2Auth


class AssertionClient(AssertionOfHttpx, httpx.Client):
    """A client for a service account: it fetches its token by an assertion that it signs (RFC 7523). Threads may share it."""

    httpx = httpx
    token_auth_class = OAuth2Auth


class AsyncAssertionClient(AsyncAssertionOfHttpx, httpx.AsyncClient):
    """A client for a service account: it fetches its token by an assertion that it signs (RFC 7523). Tasks may share it."""

    httpx = httpx
    token_auth_class = OAuth2Auth
