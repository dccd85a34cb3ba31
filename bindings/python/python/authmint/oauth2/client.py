"""A client of OAuth 2, but for HTTP: what it asks, in which steps, and what answers mean. `blocking` and `awaited` run them."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from .. import _core
from ..common.errors import AuthmintBaseError
from ..common.security import generate_token, is_secure_transport
from ..integrations.base_client.errors import (
    InvalidTokenError,
    MissingAccessTokenError,
    MissingTokenError,
    MissingTokenTypeError,
    OAuthError,
    of_both,
)
from ..jose.keys import Key
from .answers import raise_for_status, read_object, token_answer
from .auth import ASSERTION_METHODS, AuthMethod, ClientAuth, DpopKey, TokenAuth
from .errors import MissingCodeException, OAuth2Error
from .scope import list_to_scope
from .steps import Steps
from .token import OAuth2Token

log = logging.getLogger("authmint")

#: What a token request is sent with.
TOKEN_HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
_HOOKS = (
    "access_token_response",
    "refresh_token_request",
    "refresh_token_response",
    "revoke_token_request",
    "introspect_token_request",
)
_NO_VERIFIER = (
    "the token endpoint refused a code that came without a code_verifier: nobody named the state of its request, by which the client"
    " would find the verifier; pass state=... or code_verifier=... to fetch_token, or code_challenge_method=None to both clients"
)
_OF_THIS_PROCESS = secrets.token_bytes(32)


class OAuth2Client:
    """What sessions for every HTTP library share.

    PKCE is on: `code_challenge_method=None` turns it off. `dpop=True` binds tokens to a key of the session; `dpop_key`, to one that
    is kept, or to a `DpopKey` that sessions share with the nonces of servers. `par=True` pushes authorization requests to
    `pushed_authorization_request_endpoint`. `issuer` is whose answers are accepted where they name one.
    """

    client_auth_class = ClientAuth
    token_auth_class: Any = TokenAuth
    oauth_error_class: type[Exception] = OAuthError
    SESSION_REQUEST_PARAMS: tuple[str, ...] = ()
    EXTRA_AUTHORIZE_PARAMS = ("response_mode", "nonce", "prompt", "login_hint")

    def _setup(
        self,
        client_id: str | None,
        client_secret: Any,
        token_endpoint_auth_method: str | AuthMethod | None,
        revocation_endpoint_auth_method: str | AuthMethod | None,
        scope: str | Iterable[str] | None,
        state: str | None,
        redirect_uri: str | None,
        code_challenge_method: str | None,
        token: Mapping[str, Any] | None,
        token_placement: str,
        update_token: Any,
        leeway: int,
        dpop: bool,
        dpop_key: Key | DpopKey | None,
        par: bool,
        metadata: dict[str, Any],
    ) -> None:
        if code_challenge_method not in (None, "S256"):
            raise ValueError("code_challenge_method is S256, or None to send no challenge (RFC 7636 4.2)")
        if "token_updater" in metadata:
            raise ValueError("update_token=, which is called with the new token, takes the place of token_updater=")
        self.client_id = client_id
        self.client_secret = client_secret
        self.state = state
        self.scope = scope
        self.redirect_uri = redirect_uri
        self.code_challenge_method = code_challenge_method
        self.code_verifier: str | None = None
        self.token_endpoint_auth_method = token_endpoint_auth_method or ("client_secret_basic" if client_secret else "none")
        self.revocation_endpoint_auth_method = revocation_endpoint_auth_method or self.token_endpoint_auth_method
        self.token_auth = self.token_auth_class(token, token_placement, self)
        self.update_token = update_token
        self.leeway = leeway
        self.par = par
        self.dpop = DpopKey.of(dpop, dpop_key)
        self.metadata = metadata
        self.compliance_hook: dict[str, set[Any]] = {name: set() for name in _HOOKS}
        self._auth_methods: dict[str, AuthMethod] = {}
        self._acts_for_itself = False
        #: The response type of the last authorization request, where this client has made one.
        self._asked_for: list[str] | None = None

    @property
    def token(self) -> Any:
        """The token that requests carry."""
        return self.token_auth.token

    @token.setter
    def token(self, token: Mapping[str, Any] | None) -> None:
        self.token_auth.set_token(token)
        # Whose token it is, is not known.
        self._acts_for_itself = False

    def register_client_auth_method(self, auth: Any) -> None:
        """Adds a method of authentication: a pair of name and function, or an object with `name` that is called."""
        if isinstance(auth, tuple):
            self._auth_methods[auth[0]] = auth[1]
        else:
            self._auth_methods[auth.name] = auth

    def client_auth(self, auth_method: Any) -> ClientAuth:
        """The client's authentication by a method."""
        if isinstance(auth_method, str):
            named = ASSERTION_METHODS.get(auth_method)
            made = named(issuer=self.metadata.get("issuer")) if named else auth_method
            auth_method = self._auth_methods.get(auth_method, made)
        return self.client_auth_class(self.client_id or "", self.client_secret, auth_method)

    def register_compliance_hook(self, hook_type: str, hook: Any) -> None:
        """Adds a function that mends what a server gets wrong."""
        if hook_type == "protected_request":
            hooks = self.compliance_hook.setdefault(hook_type, set())
        elif hook_type in self.compliance_hook:
            hooks = self.compliance_hook[hook_type]
        else:
            raise ValueError(f"Hook type {hook_type!r} is not in {', '.join(_HOOKS)}")
        hooks.add(hook)

    def _authorization_params(
        self, state: str | None, code_verifier: str | None, kwargs: dict[str, Any]
    ) -> list[tuple[str, str]]:
        """The parameters of an authorization request. The session remembers its state."""
        self.state = state or generate_token()
        asked = {
            "response_type": self.metadata.get("response_type", "code"),
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": list_to_scope(self.scope),
            "state": self.state,
        }
        for name in self.EXTRA_AUTHORIZE_PARAMS:
            if name in self.metadata:
                asked[name] = self.metadata[name]
        asked.update(kwargs)
        asked["scope"] = list_to_scope(asked.get("scope"))
        self._asked_for = str(asked["response_type"]).split()
        if asked.get("code_challenge"):
            # Of the program's own making: it keeps the verifier.
            self.code_verifier = code_verifier
        elif self.code_challenge_method and "code" in self._asked_for:
            self.code_verifier = code_verifier or self._verifier_of(self.state)
            asked["code_challenge"] = _core.s256_challenge(self.code_verifier)
            asked["code_challenge_method"] = self.code_challenge_method
        return pairs_of(asked)

    def _verifier_of(self, state: str) -> str:
        """A code verifier that another session of the same client finds again by the state (RFC 7636 4.1): programs often have one
        session to ask and another for the answer. Nobody finds it without the client's secret, or this process' own.
        """
        secret = self.client_secret
        key = (
            _stretched(secret.encode() if isinstance(secret, str) else secret)
            if isinstance(secret, (str, bytes))
            else _OF_THIS_PROCESS
        )
        text = f"authmint code_verifier\0{self.client_id}\0{state}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _authorization_url(
        self, url: str, state: str | None, code_verifier: str | None, kwargs: dict[str, Any]
    ) -> tuple[str, str]:
        params = self._authorization_params(state, code_verifier, kwargs)
        return _core.add_params(url, params), str(self.state)

    def _pushing(self, url: str, state: str | None, code_verifier: str | None, kwargs: dict[str, Any]) -> Steps[tuple[str, str]]:
        """Pushes an authorization request (RFC 9126)."""
        params = self._authorization_params(state, code_verifier, kwargs)
        endpoint = self.metadata.get("pushed_authorization_request_endpoint")
        if not endpoint:
            raise self._error("invalid_request", "par=True needs pushed_authorization_request_endpoint (RFC 9126 5)")
        answer = yield from self._asking(endpoint, _core.form(params), self.token_endpoint_auth_method)
        try:
            pushed = read_object(answer)
        except Exception as error:
            raise ValueError(f"the answer is not a JSON object (HTTP {answer.status_code})") from error
        if not isinstance(pushed.get("request_uri"), str):
            raise self._error(str(pushed.get("error", "server_error")), pushed.get("error_description"))
        pairs = [("client_id", self.client_id or ""), ("request_uri", pushed["request_uri"])]
        return _core.add_params(url, pairs), str(self.state)

    def _fetching(
        self,
        url: str | None,
        body: str,
        method: str,
        headers: Mapping[str, str] | None,
        auth: Any,
        grant_type: str | None,
        state: str | None,
        kwargs: dict[str, Any],
    ) -> Steps[OAuth2Token]:
        """Fetches a token."""
        options = self._extract_session_request_params(kwargs)
        authorization_response = kwargs.pop("authorization_response", None)
        if is_fragment(authorization_response):
            return self.token_from_fragment(authorization_response, state)
        params = self._token_params(grant_type, authorization_response, state, kwargs)
        endpoint = url or self.metadata.get("token_endpoint")
        if not endpoint:
            raise ValueError("there is no token endpoint: pass url, or token_endpoint to the session")
        form = _joined(body, _core.form(params))
        answer = yield from self._asking(endpoint, form, auth or self.token_endpoint_auth_method, method, headers, options)
        for hook in self.compliance_hook["access_token_response"]:
            answer = yield hook(answer)
        try:
            token = self.parse_response_token(answer)
        except AuthmintBaseError:
            if (
                ("grant_type", "authorization_code") in params
                and self.code_challenge_method
                and "code_verifier" not in dict(params)
            ):
                log.warning(_NO_VERIFIER)
            raise
        # What was fetched so can be fetched so again, once it has expired.
        self._acts_for_itself = ("grant_type", "client_credentials") in params
        return token

    def _refreshing(
        self,
        url: str | None,
        refresh_token: str | None,
        body: str,
        auth: Any,
        headers: Mapping[str, str] | None,
        kwargs: dict[str, Any],
    ) -> Steps[OAuth2Token]:
        """Renews the token by its refresh token."""
        options = self._extract_session_request_params(kwargs)
        refresh_token = refresh_token or (self.token or {}).get("refresh_token")
        if not refresh_token:
            raise MissingTokenError(description="there is no refresh token")
        scope = list_to_scope(self.scope) or None
        params = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": scope, **kwargs}
        form = _joined(body, _core.form(pairs_of(params)))
        endpoint = url or self.metadata.get("token_endpoint") or ""
        request_headers = dict(headers or TOKEN_HEADERS)
        for hook in self.compliance_hook["refresh_token_request"]:
            endpoint, request_headers, form = yield hook(endpoint, request_headers, form)
        method = auth or self.token_endpoint_auth_method
        answer = yield from self._asking(endpoint, form, method, "POST", request_headers, options)
        for hook in self.compliance_hook["refresh_token_response"]:
            answer = yield hook(answer)
        before = self.token
        token = self.parse_response_token(answer)
        if "refresh_token" not in token:
            token["refresh_token"] = refresh_token
        # A program that reads answers by its own method may keep nothing, or a copy.
        if self.token is before:
            self.token = token
        elif self.token is not None:
            self.token.setdefault("refresh_token", refresh_token)
        if callable(self.update_token):
            yield self.update_token(token, refresh_token=refresh_token)
        return token

    def fetch_token(self, url: str | None = None, **kwargs: Any) -> Any:
        """Fetches a token: the libraries know how to wait for it."""
        raise NotImplementedError

    def refresh_token(self, url: str | None = None, refresh_token: str | None = None, **kwargs: Any) -> Any:
        """Renews the token: the libraries know how to wait for it."""
        raise NotImplementedError

    def _is_fresh(self, token: Mapping[str, Any] | None) -> bool:
        held = self.token if token is None else OAuth2Token.from_dict(token)
        return bool(held) and not held.is_expired(self.leeway)  # type: ignore[union-attr]

    def _renewing(self) -> Steps[bool]:
        """Renews the token if it has expired, and fetches the first of a client that acts for itself. Whoever runs it keeps
        others from doing so, who find a fresh token then.
        """
        if self._is_fresh(None):
            return True
        held = self.token or {}
        endpoint = self.metadata.get("token_endpoint")
        if held.get("refresh_token") and endpoint:
            # By the methods that the program may have made its own.
            yield self.refresh_token(endpoint, refresh_token=held["refresh_token"])
            return True
        if (self._acts_for_itself or self.metadata.get("grant_type") == "client_credentials") and endpoint:
            renewed = yield self.fetch_token(endpoint, grant_type="client_credentials")
            if held and callable(self.update_token):
                yield self.update_token(renewed, access_token=held["access_token"])
            return True
        if not held:
            raise MissingTokenError()
        raise InvalidTokenError(description="the token has expired and there is nothing to renew it with")

    def _hinting(
        self,
        hook: str,
        url: str,
        token: str | None,
        token_type_hint: str | None,
        body: str | None,
        auth: Any,
        headers: Mapping[str, str] | None,
        kwargs: dict[str, Any],
    ) -> Steps[Any]:
        """Asks about a token, or for its end."""
        options = self._extract_session_request_params(kwargs)
        form = _joined(body, _core.form(self._hint_params(token, token_type_hint)))
        request_headers = dict(headers or TOKEN_HEADERS)
        for change in self.compliance_hook[hook]:
            url, request_headers, form = yield change(url, request_headers, form)
        is_revocation = hook == "revoke_token_request"
        method = auth or (self.revocation_endpoint_auth_method if is_revocation else self.token_endpoint_auth_method)
        return (yield from self._asking(url, form, method, "POST", request_headers, options))

    def _asking(
        self,
        url: str,
        form: str,
        auth: Any,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        options: dict[str, Any] | None = None,
    ) -> Steps[Any]:
        """Sends a form as this client, with a proof of its key where it has one; once more where the server wants its nonce in
        it (RFC 9449 8).
        """
        if not is_secure_transport(url):
            log.warning("what this client sends to %s can be read on the way: it is not https", url.partition("?")[0])
        answer = None
        for _ in range(2):
            sent, given, text = url, dict(headers or TOKEN_HEADERS), form
            if method.upper() == "GET":
                sent, text = _core.add_params(url, parse_qsl(form, keep_blank_values=True)), ""
            elif not any(name.lower() == "content-type" for name in given):
                given["Content-Type"] = TOKEN_HEADERS["Content-Type"]
            native = auth if self._is_native_auth(auth) else None
            if native is None:
                sent, given, text = self.client_auth(auth).prepare(method, sent, given, text)
            if self.dpop is not None:
                given["DPoP"] = self.dpop.proof(method, url)
            answer = yield self._http(method, sent, given, text, native, options or {})
            if self.dpop is None or not self.dpop.wants_again(url, answer):
                break
        return answer

    def _http(self, method: str, url: str, headers: dict[str, str], body: str, auth: Any, options: dict[str, Any]) -> Any:
        """Sends a request without the session's token. An endpoint that sends us elsewhere gets nothing taken along: the secret
        of the client stays here.
        """
        raise NotImplementedError

    def _is_native_auth(self, auth: Any) -> bool:
        """Whether this is authentication of the HTTP library itself."""
        raise NotImplementedError

    def _extract_session_request_params(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {name: kwargs.pop(name) for name in self.SESSION_REQUEST_PARAMS if name in kwargs}

    def parse_response_token(self, resp: Any) -> OAuth2Token:
        """The token of an answer of the token endpoint."""
        if resp.status_code >= 500:
            raise_for_status(resp)
        return self._token_of(resp)

    def _token_params(
        self, grant_type: str | None, authorization_response: str | None, state: str | None, kwargs: dict[str, Any]
    ) -> list[tuple[str, str]]:
        """The parameters of a token request."""
        if authorization_response:
            answer = self._read_answer(authorization_response, state)
            if "code" not in answer:
                raise self._error("missing_code", "the answer has no code")
            kwargs["code"] = answer["code"]
            state = state or self.state
        if grant_type is None:
            grant_type = self.metadata.get("grant_type") or _guess_grant_type(kwargs)
        params: dict[str, Any] = {"grant_type": grant_type}
        if grant_type == "authorization_code":
            params["redirect_uri"] = kwargs.pop("redirect_uri", None) or self.redirect_uri
            if "code_verifier" not in kwargs and self.code_challenge_method:
                # Of a request whose state nobody names it is not known whether it had a challenge.
                own = self.code_verifier if state in (None, self.state) else None
                kwargs["code_verifier"] = own or (self._verifier_of(state) if state else None)
        elif "scope" not in kwargs:
            kwargs["scope"] = list_to_scope(self.scope)
        params.update(kwargs)
        return pairs_of(params)

    def _read_answer(self, authorization_response: str, state: str | None) -> dict[str, str]:
        """The parameters of a callback, of whom and to what they are."""
        state = state or self.state
        if state is None:
            log.warning("a callback is read without the state of its request: pass state, or anybody may have begun this login")
        issuer = self.metadata.get("issuer")
        sends_issuer = bool(self.metadata.get("authorization_response_iss_parameter_supported"))
        try:
            answer = dict(_core.read_callback(authorization_response, state, issuer, sends_issuer))
        except OAuth2Error as error:
            raise of_both(error) from None
        if "error" in answer:
            raise self._error(answer["error"], answer.get("error_description"), answer.get("error_uri"))
        return answer

    def token_from_fragment(self, authorization_response: str, state: str | None = None) -> OAuth2Token:
        """The token of an answer in the fragment (RFC 6749 4.2.2)."""
        if self._asked_for is not None and "token" not in self._asked_for:
            raise self._error(
                "invalid_request", "the answer has a token in the fragment, where a code was asked for (RFC 6749 4.1.2)"
            )
        try:
            answer = self._read_answer(authorization_response, state)
        except MissingCodeException as error:
            raise MissingAccessTokenError() from error
        if "access_token" not in answer:
            raise MissingAccessTokenError()
        if "token_type" not in answer:
            raise MissingTokenTypeError()
        if self.dpop is not None:
            self._check_bound(answer)
        token = OAuth2Token(answer)
        self.token = token
        return token

    def _check_bound(self, answer: Mapping[str, Any]) -> None:
        if str(answer.get("token_type")).lower() != "dpop":
            raise self._error("invalid_token_type", "the token is not bound to the key though that was asked for (RFC 9449 5)")

    def _token_of(self, response: Any) -> OAuth2Token:
        """The token of an answer of the token endpoint."""
        status = response.status_code
        answer = token_answer(response)
        if "error" in answer:
            raise self._error(str(answer["error"]), answer.get("error_description"), answer.get("error_uri"))
        if not isinstance(answer.get("access_token"), str):
            raise self._error("missing_token", f"the token endpoint's answer has no access_token (HTTP {status})")
        if self.dpop is not None:
            self._check_bound(answer)
        token = OAuth2Token(answer)
        self.token = token
        return token

    def _error(self, error: str, description: Any = None, uri: Any = None) -> Exception:
        return self.oauth_error_class(error, description, uri)

    def _hint_params(self, token: str | None, token_type_hint: str | None) -> list[tuple[str, str]]:
        """The parameters of a question about a token, or of its revocation."""
        if token is None and self.token:
            token = self.token.get("refresh_token") or self.token.get("access_token")
        if token is None:
            raise self._error("missing_token", "there is no token to ask about")
        return [("token", token), *([("token_type_hint", token_type_hint)] if token_type_hint else [])]


@lru_cache(maxsize=256)
def _stretched(secret: bytes) -> bytes:
    # The challenge is in the address of the request, where everybody may try secrets on it: each try costs as much as this.
    return hashlib.pbkdf2_hmac("sha256", secret, b"authmint code_verifier", 200_000)


def is_fragment(authorization_response: str | None) -> bool:
    """Whether an answer is in the fragment of an address (RFC 6749 4.2.2)."""
    address, _, fragment = (authorization_response or "").partition("#")
    return bool(fragment) and ("?" not in address or "access_token=" in fragment)


def _guess_grant_type(kwargs: Mapping[str, Any]) -> str:
    if "code" in kwargs:
        return "authorization_code"
    if "username" in kwargs and "password" in kwargs:
        return "password"
    return "client_credentials"


def pairs_of(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters that have a value; one that is a list is there several times, as `resource` may be (RFC 8707 2)."""
    several = ((name, value if isinstance(value, (list, tuple)) else (value,)) for name, value in params.items())
    return [(name, str(value)) for name, values in several for value in values if value is not None and value != ""]


def _joined(body: str | None, form: str) -> str:
    return f"{body}&{form}" if body else form
