"""`OAuth2Session`: a session of Requests that fetches, carries and renews tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase

from ... import _core
from ...jose.keys import Key
from ...oauth2.auth import AuthMethod, TokenAuth
from ...oauth2.client import TOKEN_HEADERS, OAuth2Client
from ...oauth2.errors import UnsupportedTokenTypeError as _Unsupported
from ...oauth2.token import OAuth2Token
from ..base_client.errors import InvalidTokenError, MissingTokenError, UnsupportedTokenTypeError

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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


class OAuth2Session(OAuth2Client, Session):
    """A session of Requests with OAuth 2. Everything that a session of Requests can is there: adapters, proxies, hooks.

    Threads may share it once it is made: they renew an expired token once.
    """

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
        dpop_key: Key | None = None,
        par: bool = False,
        **metadata: Any,
    ) -> None:
        Session.__init__(self)
        self.default_timeout = default_timeout
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

    def create_authorization_url(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: Any
    ) -> tuple[str, str]:
        """Where to send the person, and the state by which their answer is known: keep it with their session.

        More parameters of the request may be named. With `par=True` the request is pushed first (RFC 9126).
        """
        params = self._authorization_params(state, code_verifier, kwargs)
        assert self.state is not None
        if self.par:
            endpoint = self.metadata.get("pushed_authorization_request_endpoint")
            if not endpoint:
                raise self._error("invalid_request", "par=True needs pushed_authorization_request_endpoint (RFC 9126 5)")
            answer = self._ask(endpoint, _core.form(list(params.items())), self.token_endpoint_auth_method)
            pushed = _json(answer)
            if "request_uri" not in pushed:
                raise self._error(str(pushed.get("error", "server_error")), pushed.get("error_description"))
            params = {"client_id": params["client_id"], "request_uri": str(pushed["request_uri"])}
        return _core.add_params(url, list(params.items())), self.state

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
        session_kwargs = self._extract_session_request_params(kwargs)
        authorization_response = kwargs.pop("authorization_response", None)
        if authorization_response and "#" in authorization_response and "?" not in authorization_response:
            return self.token_from_fragment(authorization_response, state)
        params = self._token_params(grant_type, authorization_response, state, kwargs)
        form = _core.form(list(params.items()))
        endpoint = url or self.metadata.get("token_endpoint")
        if not endpoint:
            raise ValueError("there is no token endpoint: pass url, or token_endpoint to the session")
        answer = self._ask(
            endpoint, f"{body}&{form}" if body else form, auth or self.token_endpoint_auth_method, method, headers, **session_kwargs
        )
        for hook in self.compliance_hook["access_token_response"]:
            answer = hook(answer)
        return self._parse(answer)

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
        session_kwargs = self._extract_session_request_params(kwargs)
        held = (self.token or {}).get("refresh_token")
        refresh_token = refresh_token or held
        if not refresh_token:
            raise MissingTokenError(description="there is no refresh token")
        params = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        if self.scope and "scope" not in kwargs:
            params["scope"] = " ".join(self.scope) if not isinstance(self.scope, str) else self.scope
        params.update((name, str(value)) for name, value in kwargs.items() if value is not None)
        form = _core.form(list(params.items()))
        form = f"{body}&{form}" if body else form
        endpoint = url or self.metadata.get("token_endpoint") or ""
        request_headers = dict(headers or TOKEN_HEADERS)
        for hook in self.compliance_hook["refresh_token_request"]:
            endpoint, request_headers, form = hook(endpoint, request_headers, form)
        answer = self._ask(
            endpoint, form, auth or self.token_endpoint_auth_method, "POST", request_headers, **session_kwargs
        )
        for hook in self.compliance_hook["refresh_token_response"]:
            answer = hook(answer)
        token = self._parse(answer)
        if "refresh_token" not in token:
            token["refresh_token"] = refresh_token
        if callable(self.update_token):
            self.update_token(token, refresh_token=refresh_token)
        return token

    def ensure_active_token(self, token: Mapping[str, Any] | None = None) -> bool:
        """Renews the token if it has expired: once, however many threads ask."""
        held = self.token if token is None else OAuth2Token.from_dict(token)
        if held is None or not held.is_expired(self.leeway):
            return True
        with self._refreshing:
            held = self.token
            # Another thread may have been here.
            if held is not None and not held.is_expired(self.leeway):
                return True
            endpoint = self.metadata.get("token_endpoint")
            if held and held.get("refresh_token") and endpoint:
                self.refresh_token(endpoint, held["refresh_token"])
                return True
            if self.metadata.get("grant_type") == "client_credentials" and endpoint:
                old = held["access_token"] if held else None
                renewed = self.fetch_token(endpoint, grant_type="client_credentials")
                if callable(self.update_token):
                    self.update_token(renewed, access_token=old)
                return True
        raise InvalidTokenError(description="the token has expired and there is nothing to renew it with")

    def revoke_token(
        self,
        url: str,
        token: str | None = None,
        token_type_hint: str | None = None,
        body: str | None = None,
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Response:
        """Ends a token (RFC 7009): the refresh token of the session unless another is named."""
        return self._hint("revoke_token_request", url, token, token_type_hint, body, auth, headers, kwargs)

    def introspect_token(
        self,
        url: str,
        token: str | None = None,
        token_type_hint: str | None = None,
        body: str | None = None,
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Response:
        """Asks what a token is worth (RFC 7662)."""
        return self._hint("introspect_token_request", url, token, token_type_hint, body, auth, headers, kwargs)

    def request(  # type: ignore[override]
        self, method: str, url: str, withhold_token: bool = False, auth: Any = None, **kwargs: Any
    ) -> Response:
        """Sends a request with the token."""
        if self.default_timeout:
            kwargs.setdefault("timeout", self.default_timeout)
        if withhold_token or auth is not None:
            return Session.request(self, method, url, auth=auth, **kwargs)
        if not self.token:
            raise MissingTokenError()
        response = Session.request(self, method, url, auth=self.token_auth, **kwargs)
        return self._again_with_nonce(
            response, lambda: Session.request(self, method, url, auth=self.token_auth, **kwargs)
        )

    def _hint(
        self,
        hook: str,
        url: str,
        token: str | None,
        token_type_hint: str | None,
        body: str | None,
        auth: Any,
        headers: Mapping[str, str] | None,
        kwargs: dict[str, Any],
    ) -> Response:
        session_kwargs = self._extract_session_request_params(kwargs)
        form = _core.form(self._hint_params(token, token_type_hint))
        form = f"{body}&{form}" if body else form
        request_headers = dict(headers or _FORM)
        for change in self.compliance_hook[hook]:
            url, request_headers, form = change(url, request_headers, form)
        method = auth or self.revocation_endpoint_auth_method
        return self._ask(url, form, method, "POST", request_headers, **session_kwargs)

    def _ask(
        self,
        url: str,
        form: str,
        auth: Any,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Response:
        """Sends a form as this client, with a proof of its key where it has one."""
        if self.default_timeout:
            kwargs.setdefault("timeout", self.default_timeout)
        # An endpoint that sends us elsewhere must not have the client's secret taken along.
        kwargs.setdefault("allow_redirects", False)
        is_of_requests = isinstance(auth, (AuthBase, tuple))

        def send() -> Response:
            sent, given, text = url, dict(headers or TOKEN_HEADERS), form
            if method.upper() == "GET":
                sent, text = _core.add_params(url, _pairs(form)), ""
            # Requests would put credentials of a .netrc in the place of ours.
            done: Any = auth if is_of_requests else lambda request: request
            if not is_of_requests:
                sent, given, text = self.client_auth(auth).prepare(method, sent, given, text)
            if self.dpop is not None:
                given["DPoP"] = self.dpop.proof(method, url)
            return Session.request(self, method, sent, data=text or None, headers=given, auth=done, **kwargs)

        return self._again_with_nonce(send(), send)

    def _again_with_nonce(self, response: Response, send: Any) -> Response:
        """Sends a request again that a server wants its nonce in (RFC 9449 8 and 9); once."""
        if self.dpop is None:
            return response
        is_new = self.dpop.learn(response.url, response.headers.get("DPoP-Nonce"))
        if is_new and response.status_code in (400, 401):
            response = send()
            self.dpop.learn(response.url, response.headers.get("DPoP-Nonce"))
        return response

    def _parse(self, answer: Response) -> OAuth2Token:
        if answer.status_code >= 500:
            answer.raise_for_status()
        return self._token_of(answer.status_code, answer.content)

    def parse_response_token(self, resp: Response) -> OAuth2Token:
        """The token of an answer of the token endpoint."""
        return self._parse(resp)

    def _extract_session_request_params(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {name: kwargs.pop(name) for name in self.SESSION_REQUEST_PARAMS if name in kwargs}


def _pairs(form: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(form, keep_blank_values=True)


def _json(answer: Response) -> dict[str, Any]:
    try:
        return _core.read_object(answer.content)
    except Exception:
        return {"error": "server_error", "error_description": f"the answer is no JSON object (HTTP {answer.status_code})"}
