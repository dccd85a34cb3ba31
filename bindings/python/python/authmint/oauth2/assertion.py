"""A client that acts by assertions (RFC 7521, RFC 7523): a service account. The sessions of `authmint.integrations` send it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from .. import _core
from ..common.security import generate_token
from ..jose.keys import Key
from ..jose.tokens import jwt
from .answers import raise_for_status, token_answer
from .errors import OAuth2Error
from .steps import Steps
from .token import OAuth2Token

JWT_BEARER_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: How long an assertion is good for, in seconds: what servers take at most.
LIFETIME = 3600


def sign_jwt_bearer_assertion(
    key: Any,
    issuer: str,
    audience: str,
    subject: str | None = None,
    issued_at: int | None = None,
    expires_at: int | None = None,
    claims: Mapping[str, Any] | None = None,
    header: Mapping[str, Any] | None = None,
    *,
    alg: str | None = None,
    expires_in: int = LIFETIME,
) -> bytes:
    """A new assertion (RFC 7523 3), for `expires_in` seconds from `issued_at`, which is now unless said."""
    header = {**(header or {}), **({"alg": alg} if alg else {})}
    # What a key is for, it is for.
    of_key = key.tokens.get("alg") if isinstance(key, Key) else None
    if of_key:
        header["alg"] = of_key
    if "alg" not in header:
        raise ValueError("Missing 'alg' in header: say alg=\"RS256\", or whatever the key is registered for")
    issued_at = issued_at or int(time.time())
    made = {"iss": issuer, "aud": audience, "iat": issued_at, "exp": expires_at or issued_at + expires_in}
    if subject:
        made["sub"] = subject
    return jwt.encode(header, {**made, "jti": generate_token(36), **(claims or {})}, key, check=False)


class AssertionClient:
    """What sessions of service accounts share: the assertion, and the token that it is exchanged for."""

    JWT_BEARER_GRANT_TYPE = JWT_BEARER_GRANT_TYPE
    DEFAULT_GRANT_TYPE = JWT_BEARER_GRANT_TYPE
    #: What makes the assertion of a grant. Subclasses may know more.
    ASSERTION_METHODS: ClassVar[Mapping[str, Callable[..., str | bytes]]] = {JWT_BEARER_GRANT_TYPE: sign_jwt_bearer_assertion}
    token_auth_class: Any = None
    oauth_error_class: Any = OAuth2Error

    def _setup(
        self,
        token_endpoint: str,
        issuer: str,
        subject: str | None,
        audience: str | None,
        grant_type: str | None,
        claims: Mapping[str, Any] | None,
        token_placement: str,
        scope: str | None,
        client_id: str | None,
        leeway: int,
        key: Any,
        header: Mapping[str, Any] | None,
        alg: str | None,
        issued_at: int | None = None,
        expires_at: int | None = None,
    ) -> None:
        self.grant_type = grant_type or self.DEFAULT_GRANT_TYPE
        if self.grant_type not in self.ASSERTION_METHODS:
            raise ValueError(f"grant_type is {', '.join(self.ASSERTION_METHODS)} (RFC 7523 2.1)")
        if key is None and self.ASSERTION_METHODS[self.grant_type] is sign_jwt_bearer_assertion:
            raise ValueError("key is what the assertion is signed with: PEM, a JWK, or a key of authmint.jose")
        header = {**({"alg": alg} if alg else {}), **(header or {})}
        given = {"key": key, "header": header or None, "issued_at": issued_at, "expires_at": expires_at}
        self._given = {name: value for name, value in given.items() if value is not None}
        self.token_endpoint = token_endpoint
        self.issuer = issuer
        self.subject = subject
        self.audience = audience or token_endpoint
        self.claims = dict(claims or {})
        self.scope = scope
        self.client_id = client_id
        self.leeway = leeway
        self.token_auth = self.token_auth_class(None, token_placement, self)
        self.dpop = None
        self.compliance_hook: dict[str, set[Any]] = {}

    @property
    def token(self) -> OAuth2Token | None:
        """The token that requests carry."""
        return self.token_auth.token  # type: ignore[no-any-return]

    @token.setter
    def token(self, token: Mapping[str, Any] | None) -> None:
        self.token_auth.set_token(token)

    def _form(self) -> str:
        """The token request, with a new assertion (RFC 7523 2.1 and 3)."""
        sign = self.ASSERTION_METHODS[self.grant_type]
        made = sign(issuer=self.issuer, subject=self.subject, audience=self.audience, claims=self.claims, **self._given)
        pairs = [("grant_type", self.grant_type), ("assertion", made.decode() if isinstance(made, bytes) else made)]
        pairs += [(name, value) for name, value in (("scope", self.scope), ("client_id", self.client_id)) if value]
        return _core.form(pairs)

    def _refreshing(self) -> Steps[OAuth2Token]:
        """Fetches a token."""
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        answer = yield self._http("POST", self.token_endpoint, headers, self._form(), None, {})
        return self.parse_response_token(answer)

    def refresh_token(self) -> Any:
        """Fetches a token: the libraries know how to wait for it."""
        raise NotImplementedError

    def _is_fresh(self) -> bool:
        return self.token is not None and not self.token.is_expired(self.leeway)

    def _renewing(self) -> Steps[bool]:
        """Fetches a token if none is there or it has expired: another may have been here before."""
        if not self._is_fresh():
            yield self.refresh_token()
        return True

    def _http(self, method: str, url: str, headers: dict[str, str], body: str, auth: Any, options: dict[str, Any]) -> Any:
        """Sends a request without the session's token, and follows no redirect."""
        raise NotImplementedError

    def parse_response_token(self, resp: Any) -> OAuth2Token:
        """The token of the token endpoint's answer."""
        if resp.status_code >= 500:
            raise_for_status(resp)
        return self._token_of(resp)

    def _token_of(self, response: Any) -> OAuth2Token:
        answer = token_answer(response)
        if "error" in answer or not isinstance(answer.get("access_token"), str):
            code, description = answer.get("error", "missing_token"), answer.get("error_description")
            raise self.oauth_error_class(error=str(code), description=description)
        token = OAuth2Token(answer)
        self.token = token
        return token
