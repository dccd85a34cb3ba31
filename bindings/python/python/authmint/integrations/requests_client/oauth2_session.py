"""`OAuth2Session`: a session of Requests that fetches, carries and renews tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase

from ...jose.keys import Key
from ...oauth2.auth import AuthMethod, ClientAuth, DpopKey, TokenAuth
from ...oauth2.blocking import BlockingClient
from ...oauth2.errors import UnsupportedTokenTypeError as _Unsupported
from ..base_client.errors import UnsupportedTokenTypeError


class OAuth2Auth(AuthBase, TokenAuth):
    """Puts the session's token into a request, and renews it first where it has expired."""

    def __call__(self, req: PreparedRequest) -> PreparedRequest:
        if self.client is not None:
            self.client.ensure_active_token(self.token)
        dpop = self.client.dpop if self.client is not None else None
        try:
            req.url, req.headers, req.body = self.prepare(req.url or "", req.headers, req.body, req.method or "GET", dpop)
        except _Unsupported as error:
            raise UnsupportedTokenTypeError(description=error.description) from error
        if self.token_placement == "body":
            req.prepare_content_length(req.body)
        for hook in self.client.compliance_hook.get("protected_request", ()) if self.client is not None else ():
            req.url, req.headers, req.body = hook(req.url, req.headers, req.body)
        return req


class OAuth2ClientAuth(AuthBase, ClientAuth):
    """Authenticates a request of Requests as a client."""

    def __call__(self, req: PreparedRequest) -> PreparedRequest:
        text = req.body.decode() if isinstance(req.body, bytes) else req.body or ""
        req.url, headers, body = self.prepare(req.method or "GET", req.url or "", req.headers, text)
        req.headers.update(headers)
        req.body = body or None
        req.prepare_content_length(req.body)
        return req


class TokenSession(Session):
    """How a session of Requests sends what its client asks for."""

    def __init__(self, default_timeout: float | None, given: dict[str, Any]) -> None:
        super().__init__()
        self.default_timeout = default_timeout
        for name in ("proxies", "hooks", "stream", "verify", "cert", "max_redirects", "trust_env"):
            if name in given:
                setattr(self, name, given.pop(name))

    def _http(self, method: str, url: str, headers: dict[str, str], body: str, auth: Any, options: dict[str, Any]) -> Response:
        options.setdefault("allow_redirects", False)
        # Requests would put credentials of a .netrc in the place of ours.
        done = auth or (lambda request: request)
        if method.upper() == "POST":
            return self.post(url, data=body or None, headers=headers, auth=done, **options)
        return self.request(method, url, headers=headers, auth=done, **options)

    def _sent(self, method: str, url: str, auth: Any, options: dict[str, Any]) -> Response:
        """The answer to a request that is sent as it is."""
        if self.default_timeout:
            options.setdefault("timeout", self.default_timeout)
        return super().request(method, url, auth=auth, **options)


class OAuth2Session(TokenSession, BlockingClient):
    """A session of Requests with OAuth 2. Everything that a session of Requests can is there: adapters, proxies, hooks. Of its
    attributes, `proxies`, `hooks`, `stream`, `verify`, `cert`, `max_redirects` and `trust_env` may be arguments.

    Threads may share it once it is made: they renew an expired token once.
    """

    client_auth_class = OAuth2ClientAuth
    token_auth_class = OAuth2Auth
    SESSION_REQUEST_PARAMS = (
        "allow_redirects",
        "timeout",
        "cookies",
        "files",
        "proxies",
        "hooks",
        "stream",
        "verify",
        "cert",
        "json",
    )

    def __init__(
        self,
        client_id: str | None = None,
        client_secret: Any = None,
        token_endpoint_auth_method: str | AuthMethod | None = None,
        revocation_endpoint_auth_method: str | AuthMethod | None = None,
        scope: str | Iterable[str] | None = None,
        state: str | None = None,
        redirect_uri: str | None = None,
        token: Mapping[str, Any] | None = None,
        token_placement: str = "header",
        update_token: Any = None,
        leeway: int = 60,
        default_timeout: float | None = None,
        code_challenge_method: str | None = "S256",
        dpop: bool = False,
        dpop_key: Key | DpopKey | None = None,
        par: bool = False,
        **metadata: Any,
    ) -> None:
        super().__init__(default_timeout, metadata)
        self._setup(
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
            metadata,
        )

    def request(  # type: ignore[override]
        self, method: str, url: str, withhold_token: bool = False, auth: Any = None, **kwargs: Any
    ) -> Response:
        """Sends a request with the token."""
        if withhold_token or auth is not None:
            return self._sent(method, url, auth, kwargs)
        self.ensure_active_token()
        response = self._sent(method, url, self.token_auth, kwargs)
        wants_again = self.dpop is not None and self.dpop.wants_again(response.url, response)
        if self.dpop is not None and wants_again and not response.history and _can_be_repeated(kwargs):
            response = self._sent(method, url, self.token_auth, kwargs)
            self.dpop.learn(response.url, response.headers.get("DPoP-Nonce"))
        return response

    def _is_native_auth(self, auth: Any) -> bool:
        return isinstance(auth, (AuthBase, tuple))


def _can_be_repeated(kwargs: Mapping[str, Any]) -> bool:
    """Whether the body of a request is there for a second time: a file or a stream was read."""
    data = kwargs.get("data")
    return not kwargs.get("files") and (data is None or isinstance(data, (str, bytes, Mapping, list, tuple)))
