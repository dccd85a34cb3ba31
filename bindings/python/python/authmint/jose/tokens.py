"""JSON Web Tokens (RFC 7519)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

from .. import _core
from ._messages import HeaderNames, as_dict, as_names, check_compact, dots
from .claims import BaseClaims, JWTClaims
from .encryption import JsonWebEncryption
from .errors import DecodeError, KeyMismatchError, MissingAlgorithmError, UnsupportedAlgorithmError
from .keys import AnyKey, Key, KeySet, explained, native

_Claims = TypeVar("_Claims", bound=BaseClaims)
_REGISTERED = ("alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit")
_SIGNATURES = _core.Algorithms(None).signatures
_DEFAULT = JWTClaims


class EncodedToken(bytes):
    """A token, as bytes for users of Authlib. As text it is itself: `f"Bearer {token}"` and forms of HTTPX hold no `b'...'`."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.decode("ascii")


class JsonWebToken:
    """Signs and verifies tokens of the algorithms that it is made for: no others, whatever a token says.

    Without a list these are all algorithms of signatures. Encryption must be named: whoever has a public key can encrypt to
    it, so that a token which is only encrypted does not say who made it.

    `private_headers` are header parameters beside the registered ones; without it, any may be there.
    """

    def __init__(self, algorithms: Iterable[str] | None = None, private_headers: Iterable[str] | None = None) -> None:
        self._algorithms = _core.Algorithms(_SIGNATURES if algorithms is None else as_names(algorithms))
        self._names = HeaderNames(_REGISTERED, private_headers)
        self._encryption = JsonWebEncryption([] if algorithms is None else as_names(algorithms), private_headers)

    def encode(self, header: Mapping[str, Any], payload: Mapping[str, Any], key: AnyKey, check: bool = True) -> bytes:
        """Signs claims, or encrypts them where the header has `enc`.

        The key may be a function of the header and the claims that finds it. Claims that look like secrets are refused
        unless `check` is false. `exp`, `nbf` and `iat` may be a `datetime`, which without a zone is in UTC.
        """
        if callable(key) and not isinstance(key, (Key, KeySet)):
            key = key(as_dict(header), payload)
        if "enc" in header:
            plaintext = _core.claims_json(as_dict(payload), check)
            return EncodedToken(self._encryption.serialize_compact({"typ": "JWT", **header}, plaintext, key))
        self._names.check(header)
        made = key._native if isinstance(key, Key) else native(key)
        try:
            return EncodedToken(_core.encode_jwt(as_dict(header), as_dict(payload), made, self._algorithms, check))
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "sign") from None

    @overload
    def decode(
        self,
        s: str | bytes,
        key: AnyKey,
        claims_cls: None = None,
        claims_options: Mapping[str, Mapping[str, Any]] | None = None,
        claims_params: Mapping[str, Any] | None = None,
    ) -> JWTClaims: ...

    @overload
    def decode(
        self,
        s: str | bytes,
        key: AnyKey,
        claims_cls: type[_Claims],
        claims_options: Mapping[str, Mapping[str, Any]] | None = None,
        claims_params: Mapping[str, Any] | None = None,
    ) -> _Claims: ...

    def decode(
        self,
        s: str | bytes,
        key: AnyKey,
        claims_cls: type[BaseClaims] | None = None,
        claims_options: Mapping[str, Mapping[str, Any]] | None = None,
        claims_params: Mapping[str, Any] | None = None,
    ) -> BaseClaims:
        """Verifies the signature, or decrypts. What the claims say is believed only after `validate()` of what is returned."""
        if callable(key) and not isinstance(key, (Key, KeySet)):
            key = self._found(s, key)
        if dots(s) == 4:
            opened = self._encryption.deserialize_compact(s, key, _core.read_object)
            header, payload = opened["header"], opened["payload"]
        else:
            try:
                made = key._native if isinstance(key, Key) else native(key)
                header, payload = _core.decode_jwt(s, made, self._algorithms)
            except UnsupportedAlgorithmError:
                check_compact(s)
                raise
            except KeyMismatchError as mismatch:
                raise explained(mismatch, key, "verify") from None
        return (claims_cls or _DEFAULT)(payload, header, claims_options, claims_params)

    def _found(self, s: str | bytes, find: Any) -> AnyKey:
        """The key that a function of the caller's finds for a header and a payload that nobody has verified yet."""
        count = dots(s)
        if count not in (2, 4):
            raise DecodeError(description=f"Invalid input segments length: a token has 3 or 5, not {count + 1}")
        header, payload = _core.peek(s)
        if "alg" not in header:
            raise MissingAlgorithmError()
        return find(header, _core.read_object(payload) if count == 2 else payload)


#: Every algorithm of signatures. A program that knows which it expects names them: `JsonWebToken(["ES256"])`.
jwt = JsonWebToken()
