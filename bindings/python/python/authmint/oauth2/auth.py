"""How a client authenticates, and how a request carries its token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .. import _core
from ..jose.keys import ECKey, Key, KeySet, OctKey
from .assertion import sign_jwt_bearer_assertion
from .errors import UnsupportedTokenTypeError
from .token import OAuth2Token

Prepared = tuple[str, dict[str, str], str]
AuthMethod = Callable[["ClientAuth", str, str, dict[str, str], str], Prepared]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def add_to_body(body: str, pairs: list[tuple[str, str]]) -> str:
    """A form with parameters added; what is there stays, since none may be repeated (RFC 6749 3.2)."""
    there = {name for name, _ in parse_qsl(body, keep_blank_values=True)}
    added = _core.form([pair for pair in pairs if pair[0] not in there])
    if not added:
        return body
    return f"{body}&{added}" if body else added


def encode_client_secret_basic(client: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str) -> Prepared:
    """`client_secret_basic`: name and secret in the header."""
    return uri, {**headers, "Authorization": _core.basic_credentials(client.client_id, client.secret)}, body


def _with_params(method: str, uri: str, headers: dict[str, str], body: str, pairs: list[tuple[str, str]]) -> Prepared:
    if method.upper() == "GET":
        return _core.add_params(uri, pairs), headers, body
    return uri, headers, add_to_body(body, pairs)


def encode_client_secret_post(client: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str) -> Prepared:
    """`client_secret_post`: name and secret in the form."""
    pairs = [("client_id", client.client_id), ("client_secret", client.secret)]
    return _with_params(method, uri, headers, body, pairs)


def encode_none(client: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str) -> Prepared:
    """`none`: the name alone."""
    return _with_params(method, uri, headers, body, [("client_id", client.client_id)])


class ClientAuth:
    """A client's authentication: its name, its secret or key, and the method."""

    DEFAULT_AUTH_METHODS: dict[str, AuthMethod] = {
        "client_secret_basic": encode_client_secret_basic,
        "client_secret_post": encode_client_secret_post,
        "none": encode_none,
    }

    def __init__(self, client_id: str, client_secret: Any = None, auth_method: str | AuthMethod | None = None) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        name = auth_method or ("client_secret_basic" if client_secret else "none")
        method = self.DEFAULT_AUTH_METHODS.get(name) if isinstance(name, str) else name
        if method is None:
            raise ValueError(
                f"token_endpoint_auth_method {name!r} is not known: one of {', '.join([*self.DEFAULT_AUTH_METHODS, *ASSERTION_METHODS])},"
                " or one that is registered by register_client_auth_method"
            )
        self.auth_method: AuthMethod = method

    @property
    def secret(self) -> str:
        """The secret as text."""
        secret = self.client_secret
        return secret.decode() if isinstance(secret, bytes) else secret or ""

    def prepare(self, method: str, uri: str, headers: Mapping[str, str], body: str) -> Prepared:
        """The request with the client's authentication."""
        uri, prepared, body = self.auth_method(self, method, uri, dict(headers), body)
        for name in prepared:
            if name.lower() == "content-length":
                prepared[name] = str(len(body.encode()))
        return uri, prepared, body


class _AssertionAuth:
    """Authentication by a signed assertion. `alg` is what the key is for, unless said. The audience is the issuer where one is
    known, as rfc7523bis demands, else the token endpoint.
    """

    name = ""
    alg = "RS256"

    def __init__(
        self,
        token_endpoint: str | None = None,
        claims: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        alg: str | None = None,
        *,
        issuer: str | None = None,
        issued_at: int | None = None,
        expires_in: int = 300,
    ) -> None:
        self.token_endpoint = token_endpoint
        self.issuer = issuer
        self.claims = claims
        self.headers = headers
        self._said = alg
        self.alg = alg or type(self).alg
        self.issued_at = issued_at
        self.expires_in = expires_in

    def key(self, auth: ClientAuth) -> Key:
        """What the assertion is signed with."""
        raise NotImplementedError

    def sign(self, auth: ClientAuth, token_endpoint: str) -> bytes:
        """A new assertion, for a server that this is the token endpoint of."""
        key = self.key(auth)
        alg = self._said or _alg_of(key)
        if not self.claims and not self.headers and self.issued_at is None and self.expires_in == 300:
            return _core.client_assertion(key._native, alg, auth.client_id, token_endpoint).encode()
        return sign_jwt_bearer_assertion(
            key,
            auth.client_id,
            token_endpoint,
            auth.client_id,
            self.issued_at,
            claims=self.claims,
            header=self.headers,
            alg=alg,
            expires_in=self.expires_in,
        )

    def __call__(self, auth: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str) -> Prepared:
        assertion = self.sign(auth, self.issuer or self.token_endpoint or uri).decode()
        pairs = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]
        return uri, headers, add_to_body(body, [("client_id", auth.client_id), *pairs])


class ClientSecretJWT(_AssertionAuth):
    """`client_secret_jwt`: an assertion that is signed with the secret."""

    name = "client_secret_jwt"
    alg = "HS256"

    def key(self, auth: ClientAuth) -> Key:
        """The secret."""
        return OctKey.import_key(auth.client_secret)


class PrivateKeyJWT(_AssertionAuth):
    """`private_key_jwt`: an assertion that is signed with the client's key, given as its `client_secret`."""

    name = "private_key_jwt"

    def key(self, auth: ClientAuth) -> Key:
        """The key."""
        if isinstance(auth.client_secret, KeySet):
            raise ValueError("private_key_jwt needs one private key, not a set")
        key: Key = Key.import_key(auth.client_secret)
        return key


#: Methods that need no more than their name.
ASSERTION_METHODS: dict[str, type[_AssertionAuth]] = {method.name: method for method in (ClientSecretJWT, PrivateKeyJWT)}


def _alg_of(key: Key) -> str:
    """The algorithm of a key that names none: the one that everybody knows for its type."""
    members = key.tokens
    of_curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "secp256k1": "ES256K"}
    of_types = {"oct": "HS256", "RSA": "RS256", "OKP": "EdDSA"}
    return str(members.get("alg") or of_curves.get(members.get("crv", "")) or of_types.get(key.kty, "RS256"))


class DpopKey:
    """A key that tokens are bound to (RFC 9449), and the nonces of the servers it was shown to. Threads may share it."""

    def __init__(self, key: Key, alg: str = "ES256") -> None:
        self._key = key
        self._alg = alg
        self._nonces: dict[str, str] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, dpop: bool, key: Key | DpopKey | None) -> DpopKey | None:
        """What the arguments `dpop` and `dpop_key` of a client ask for: a key that is kept, a new one, or none."""
        if dpop and key is None:
            key = ECKey.generate_key("P-256", is_private=True)
        return cls(key) if isinstance(key, Key) else key

    def proof(self, method: str, uri: str, access_token: str | None = None) -> str:
        """The value of the header `DPoP` for a request."""
        with self._lock:
            nonce = self._nonces.get(_origin(uri))
        return _core.dpop_proof(self._key._native, self._alg, method.upper(), uri, access_token, nonce)

    def learn(self, uri: str, nonce: str | None) -> bool:
        """Remembers the nonce of an answer; whether it is a new one."""
        if not nonce:
            return False
        with self._lock:
            known = self._nonces.get(_origin(uri))
            self._nonces[_origin(uri)] = nonce
        return known != nonce

    def wants_again(self, uri: str, answer: Any) -> bool:
        """Remembers the nonce of an answer; whether it refused the request for the want of it (RFC 9449 8 and 9)."""
        is_new = self.learn(uri, answer.headers.get("DPoP-Nonce"))
        return is_new and answer.status_code in (400, 401)


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


class TokenAuth:
    """How a request carries its token: in the header, unless the API knows nothing but `uri` or `body`."""

    def __init__(self, token: Mapping[str, Any] | None, token_placement: str = "header", client: Any = None) -> None:
        self.token = OAuth2Token.from_dict(token)
        self.token_placement = token_placement
        self.client = client

    def set_token(self, token: Mapping[str, Any] | None) -> None:
        """Takes another token."""
        self.token = OAuth2Token.from_dict(token)

    def prepare(self, uri: str, headers: Any, body: Any, method: str = "GET", dpop: DpopKey | None = None) -> Any:
        """The request with the token."""
        token: Mapping[str, Any] = self.token or {}
        kind, value = str(token.get("token_type") or "bearer").lower(), token["access_token"]
        if kind == "dpop" and dpop is not None:
            headers["Authorization"] = f"DPoP {value}"
            headers["DPoP"] = dpop.proof(method, uri, value)
        elif kind != "bearer":
            raise UnsupportedTokenTypeError(description=f"Unsupported token_type: {kind!r}")
        elif self.token_placement == "header":
            headers["Authorization"] = f"Bearer {value}"
        elif self.token_placement in ("uri", "url"):
            uri = _core.add_params(uri, [("access_token", value)])
        else:
            text = body.decode() if isinstance(body, bytes) else body or ""
            body = add_to_body(text, [("access_token", value)])
        return uri, headers, body
