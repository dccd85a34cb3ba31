"""What clients on `httpx` and on `httpx2` share: they are one library by two names, whose objects do not mix."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...jose.keys import Key
from ...oauth2.auth import AuthMethod, ClientAuth, DpopKey, TokenAuth
from ...oauth2.awaited import AwaitedAssertionClient, AwaitedClient
from ...oauth2.blocking import BlockingAssertionClient, BlockingClient
from ...oauth2.errors import UnsupportedTokenTypeError as _Unsupported
from ..base_client.errors import OAuthError, UnsupportedTokenTypeError

if TYPE_CHECKING:
    from typing_extensions import Self

_DEFAULT: Any = object()


class HttpxTokenAuth(TokenAuth):
    """Puts the client's token into a request; and the server's nonce, where it asks for one."""

    httpx: Any

    def __init__(self, token: Mapping[str, Any] | None, token_placement: str = "header", client: Any = None) -> None:
        super().__init__(token, token_placement, client)
        self.requires_request_body = token_placement == "body"

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """The request with the token."""
        response = yield self._with_token(request)
        dpop = self.client.dpop if self.client is not None else None
        wants_again = dpop is not None and dpop.wants_again(str(response.url), response)
        # What was redirected was answered; the body of a stream was read.
        if dpop is not None and wants_again and not response.history and hasattr(request, "_content"):
            response = yield self._with_token(request)
            dpop.learn(str(response.url), response.headers.get("DPoP-Nonce"))

    def _with_token(self, request: Any) -> Any:
        client = self.client
        try:
            url, headers, body = self.prepare(
                str(request.url),
                request.headers,
                request.content if self.requires_request_body else None,
                request.method,
                client.dpop if client is not None else None,
            )
        except _Unsupported as error:
            raise UnsupportedTokenTypeError(description=error.description) from error
        for hook in client.compliance_hook.get("protected_request", ()) if client is not None else ():
            url, headers, body = hook(url, headers, body)
        if body is None:
            request.url, request.headers = self.httpx.URL(url), self.httpx.Headers(headers)
            return request
        headers.pop("Content-Length", None)
        headers.pop("Transfer-Encoding", None)
        return self.httpx.Request(request.method, url, headers=headers, content=body, extensions=request.extensions)


class HttpxClientAuth(ClientAuth):
    """Authenticates a request of HTTPX as a client."""

    httpx: Any
    requires_request_body = True

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """The request with the client's authentication."""
        url, headers, body = self.prepare(request.method, str(request.url), dict(request.headers), request.content.decode())
        headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        yield self.httpx.Request(request.method, url, headers=headers, content=body, extensions=request.extensions)


def _is_of(library: str, value: Any) -> bool:
    return any(base.__module__.partition(".")[0] == library for base in type(value).__mro__)


class _Httpx:
    """A client of HTTPX, of which a client of OAuth 2 asks its requests. What HTTPX does not know describes the server."""

    httpx: Any
    token_auth: Any
    SESSION_REQUEST_PARAMS: tuple[str, ...] = ("cookies", "timeout", "follow_redirects", "extensions")

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """A client of the library whose transport it is given, where both are installed."""
        others = {"httpx": "httpx2", "httpx2": "httpx"}[cls.httpx.__name__]
        given = [one for value in kwargs.values() for one in (value.values() if isinstance(value, dict) else (value,))]
        if not any(_is_of(others, one) for one in given):
            return super().__new__(cls)
        twin = getattr(import_module(f"{__package__}.on_{others}"), cls.__name__, None)
        if twin is None or cls.__module__ != f"{__package__}.on_{cls.httpx.__name__}":
            raise TypeError(f"{cls.__name__} is of {cls.httpx.__name__}, and is given what is of {others}")
        return twin(*args, **kwargs)  # type: ignore[no-any-return]

    def _make(self, kwargs: dict[str, Any]) -> None:
        """Makes the client of HTTPX with its arguments, which are taken out of these."""
        make = super().__init__
        make(**{name: kwargs.pop(name) for name in inspect.signature(make).parameters if name in kwargs})

    def _http(self, method: str, url: str, headers: dict[str, str], body: str, auth: Any, options: dict[str, Any]) -> Any:
        options.setdefault("follow_redirects", False)
        if method.upper() == "POST":
            return self.post(url, content=body or None, headers=headers, auth=auth, **options)  # type: ignore[attr-defined]
        return self.request(method, url, headers=headers, auth=auth, **options)  # type: ignore[attr-defined]

    def _is_native_auth(self, auth: Any) -> bool:
        return isinstance(auth, (self.httpx.Auth, tuple))

    def _wants_token(self, withhold_token: bool, auth: Any) -> bool:
        return not withhold_token and (auth is _DEFAULT or auth is self.httpx.USE_CLIENT_DEFAULT)

    def _options(self, auth: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        return kwargs if auth is _DEFAULT else {**kwargs, "auth": auth}


class _OAuth2(_Httpx):
    def __init__(
        self,
        client_id: str | None = None,
        client_secret: Any = None,
        token_endpoint_auth_method: str | AuthMethod | None = None,
        revocation_endpoint_auth_method: str | AuthMethod | None = None,
        scope: str | Iterable[str] | None = None,
        redirect_uri: str | None = None,
        token: Mapping[str, Any] | None = None,
        token_placement: str = "header",
        update_token: Any = None,
        leeway: int = 60,
        *,
        state: str | None = None,
        code_challenge_method: str | None = "S256",
        dpop: bool = False,
        dpop_key: Key | DpopKey | None = None,
        par: bool = False,
        **kwargs: Any,
    ) -> None:
        self._make(kwargs)
        self._setup(  # type: ignore[attr-defined]
            client_id,
            client_secret,
            token_endpoint_auth_method,
            revocation_endpoint_auth_method,
            scope,
            state,
            redirect_uri,
            code_challenge_method,
            token,
            token_placement,
            update_token,
            leeway,
            dpop,
            dpop_key,
            par,
            kwargs,
        )


class _Assertion(_Httpx):
    oauth_error_class: Any = OAuthError

    def __init__(
        self,
        token_endpoint: str,
        issuer: str,
        subject: str | None,
        audience: str | None = None,
        grant_type: str | None = None,
        claims: Mapping[str, Any] | None = None,
        token_placement: str = "header",
        scope: str | None = None,
        client_id: str | None = None,
        leeway: int = 60,
        *,
        key: Any = None,
        header: Mapping[str, Any] | None = None,
        alg: str | None = None,
        issued_at: int | None = None,
        expires_at: int | None = None,
        token_endpoint_verify: Any = None,
        **kwargs: Any,
    ) -> None:
        # A client of HTTPX has one way to verify, `verify`, for all that it asks: `token_endpoint_verify` is Requests'.
        self._make(kwargs)
        if kwargs:
            raise TypeError(f"unknown arguments: {', '.join(kwargs)}")
        self._setup(  # type: ignore[attr-defined]
            token_endpoint,
            issuer,
            subject,
            audience,
            grant_type,
            claims,
            token_placement,
            scope,
            client_id,
            leeway,
            key,
            header,
            alg,
            issued_at,
            expires_at,
        )


class _Blocking(_Httpx):
    def request(self, method: str, url: Any, withhold_token: bool = False, auth: Any = _DEFAULT, **kwargs: Any) -> Any:
        """Sends a request with the token."""
        if self._wants_token(withhold_token, auth):
            auth = self._token_auth()
        return super().request(method, url, **self._options(auth, kwargs))  # type: ignore[misc]

    @contextmanager
    def stream(self, method: str, url: Any, withhold_token: bool = False, auth: Any = _DEFAULT, **kwargs: Any) -> Iterator[Any]:
        """Sends a request with the token, and leaves the answer to be read."""
        if self._wants_token(withhold_token, auth):
            auth = self._token_auth()
        with super().stream(method, url, **self._options(auth, kwargs)) as answer:  # type: ignore[misc]
            yield answer

    def _token_auth(self) -> Any:
        self.ensure_active_token()  # type: ignore[attr-defined]
        return self.token_auth


class _Awaited(_Httpx):
    async def request(self, method: str, url: Any, withhold_token: bool = False, auth: Any = _DEFAULT, **kwargs: Any) -> Any:
        """Sends a request with the token."""
        if self._wants_token(withhold_token, auth):
            auth = await self._token_auth()
        return await super().request(method, url, **self._options(auth, kwargs))  # type: ignore[misc]

    @asynccontextmanager
    async def stream(
        self, method: str, url: Any, withhold_token: bool = False, auth: Any = _DEFAULT, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Sends a request with the token, and leaves the answer to be read."""
        if self._wants_token(withhold_token, auth):
            auth = await self._token_auth()
        async with super().stream(method, url, **self._options(auth, kwargs)) as answer:  # type: ignore[misc]
            yield answer

    async def _token_auth(self) -> Any:
        await self.ensure_active_token()  # type: ignore[attr-defined]
        return self.token_auth


class OAuth2OfHttpx(_Blocking, _OAuth2, BlockingClient):
    """A client of HTTPX that fetches, carries and renews tokens."""


class AsyncOAuth2OfHttpx(_Awaited, _OAuth2, AwaitedClient):
    """A client of HTTPX that fetches, carries and renews tokens, to be awaited."""


class AssertionOfHttpx(_Blocking, _Assertion, BlockingAssertionClient):
    """A client of HTTPX for a service account: it fetches its token by an assertion that it signs (RFC 7523)."""


class AsyncAssertionOfHttpx(_Awaited, _Assertion, AwaitedAssertionClient):
    """A client of HTTPX for a service account: it fetches its token by an assertion that it signs (RFC 7523), to be awaited."""
