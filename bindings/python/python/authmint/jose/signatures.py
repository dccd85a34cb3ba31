"""JSON Web Signatures (RFC 7515, RFC 7797)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .. import _core
from ..common.encoding import json_dumps
from ._messages import HeaderNames, as_bytes, as_names, check_compact, check_disjoint, dots, read_part
from .errors import (
    BadSignatureError,
    DecodeError,
    InvalidCritHeaderParameterNameError,
    InvalidHeaderParameterNameError,
    InvalidKeyError,
    KeyMismatchError,
    KeyNotFoundError,
    MissingAlgorithmError,
    UnsupportedAlgorithmError,
)
from .keys import NO_KEYS, AnyKey, Key, KeySet, explained, key_or_problem, native

_REGISTERED = ("alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "b64")


class JWSHeader(dict[str, Any]):
    """The header of a signature: the protected part, which was signed, and the other."""

    def __init__(self, protected: Mapping[str, Any] | None, header: Mapping[str, Any] | None) -> None:
        super().__init__({**(header or {}), **(protected or {})})
        self.protected = dict(protected or {})
        #: What is not protected; `None` where there is none.
        self.header = None if header is None else dict(header)

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any]) -> JWSHeader:
        """Of a dict with `protected` and `header`."""
        return obj if isinstance(obj, cls) else cls(obj.get("protected"), obj.get("header"))


class JWSObject(dict[str, Any]):
    """A verified message: its `header`, one or several, and its `payload`."""

    def __init__(self, header: JWSHeader | list[JWSHeader], payload: Any, type: str = "compact") -> None:
        super().__init__(header=header, payload=payload)
        self.header = header
        self.payload = payload
        self.type = type

    @property
    def headers(self) -> list[JWSHeader] | None:
        """The headers of a message with several signatures."""
        return self["header"] if self.type == "json" else None


class JsonWebSignature:
    """Signs and verifies messages, of the algorithms it is made for."""

    #: The longest message that is looked at, in bytes.
    MAX_CONTENT_LENGTH = 64 * 1024
    REGISTERED_HEADER_PARAMETER_NAMES = frozenset(_REGISTERED)

    def __init__(self, algorithms: Iterable[str] | None = None, private_headers: Iterable[str] | None = None) -> None:
        self._algorithms = _core.Algorithms(None if algorithms is None else as_names(algorithms))
        self._allowed = frozenset(self._algorithms.signatures)
        self._names = HeaderNames(_REGISTERED, private_headers)

    def serialize_compact(
        self, protected: Mapping[str, Any], payload: str | bytes, key: AnyKey, *, detached: bool = False
    ) -> bytes:
        """Signs in the compact form. `detached` leaves the payload out (RFC 7515 F), as `b64: false` does (RFC 7797)."""
        self._check(protected, protected)
        key = _find(key, protected, payload)
        detached = detached or protected.get("b64") is False
        try:
            return _core.sign(dict(protected), as_bytes(payload), native(key), self._algorithms, detached)
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "sign") from None
        except InvalidKeyError:
            self._check_algorithm(protected)
            raise

    def deserialize_compact(
        self, s: str | bytes, key: AnyKey, decode: Callable[[bytes], Any] | None = None, payload: bytes | None = None
    ) -> JWSObject:
        """Verifies the compact form. `payload` is that of a detached message, which travels without it."""
        if not isinstance(key, (Key, KeySet)) and callable(key):
            if dots(s) != 2:
                raise DecodeError(description="Not enough segments")
            header, unverified = _core.peek(s)
            if "alg" not in header:
                raise MissingAlgorithmError()
            key = key(header, unverified if payload is None else payload)
        understood = self._names.understood if payload is None else [*self._names.understood, "b64"]
        try:
            if isinstance(key, (Key, KeySet)):
                made: _core.Key | _core.KeySet = key._native
            else:
                made = key_or_problem(key, lambda made: _core.verify(s, made, self._algorithms, understood, payload))
            header, content = _core.verify(s, made, self._algorithms, understood, payload)
        except UnsupportedAlgorithmError:
            check_compact(s, payload is not None)
            raise
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "verify") from None
        return JWSObject(JWSHeader(header, None), decode(content) if decode else content, "compact")

    def serialize_json(
        self,
        header_obj: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        payload: str | bytes | Mapping[str, Any],
        key: AnyKey,
        *,
        detached: bool = False,
    ) -> dict[str, Any]:
        """Signs in the flattened form, or in the general one where there is a list of headers. A dict is signed as JSON.
        `detached` leaves the payload out.
        """
        flattened = isinstance(header_obj, Mapping)
        headers = [header_obj] if isinstance(header_obj, Mapping) else list(header_obj)
        content = as_bytes(json_dumps(payload) if isinstance(payload, Mapping) else payload)
        signers: list[tuple[dict[str, Any] | None, dict[str, Any] | None, _core.Key | _core.KeySet]] = []
        for one in headers:
            header = JWSHeader.from_dict(one)
            check_disjoint(header.protected, header.header)
            self._check(header, header.protected)
            self._check_algorithm(header)
            signers.append((header.protected, header.header or None, native(_find(key, header, payload))))
        _check_one_form(protected or {} for protected, _, _ in signers)
        return _core.sign_json(signers, content, self._algorithms, flattened, detached)

    def deserialize_json(
        self,
        obj: str | bytes | Mapping[str, Any],
        key: AnyKey,
        decode: Callable[[bytes], Any] | None = None,
        payload: bytes | None = None,
    ) -> JWSObject:
        """Verifies the flattened or the general form. Of several signatures, each must be valid. Where the key is a function,
        it finds one for each of them. `payload` is that of a detached message, which travels without it.
        """
        message = _object(obj)
        several = message.get("signatures")
        if "signatures" in message and not several:
            raise BadSignatureError(description="the message has no signature")
        understood = self._names.understood if payload is None else [*self._names.understood, "b64"]

        def verified(with_key: _core.Key | _core.KeySet, of: dict[str, Any] = message) -> _Verified:
            return _core.verify_json(of, with_key, self._algorithms, understood, payload)

        if not isinstance(key, (Key, KeySet)) and callable(key):
            # The form of a message, and how many signatures it has, come before any key.
            with suppress(KeyNotFoundError, KeyMismatchError):
                verified(NO_KEYS)
            content, headers = b"", []
            for one in several or [message]:
                # The payload is what all have signed.
                alone = {name: one[name] for name in ("protected", "header", "signature") if name in one}
                alone.update({"payload": message["payload"]} if "payload" in message else {})
                found = key(_unverified(one), _payload(message, one) if payload is None else payload)
                content, of_one = verified(key_or_problem(found, verified), alone)
                headers += of_one
        else:
            content, headers = verified(key_or_problem(key, verified))
        told = [JWSHeader(protected, other or None) for protected, other in headers]
        _check_one_form(header.protected for header in told)
        read = decode(content) if decode else content
        if "signatures" in message:
            return JWSObject(told, read, "json")
        return JWSObject(told[0], read, "flat")

    def serialize(self, header: Mapping[str, Any] | Sequence[Mapping[str, Any]], payload: Any, key: AnyKey) -> Any:
        """Signs in the form that the header has: a JSON form where it has a protected part, else the compact one."""
        if isinstance(header, Mapping) and "protected" not in header:
            return self.serialize_compact(header, payload, key)
        return self.serialize_json(header, payload, key)

    def deserialize(self, s: Any, key: AnyKey, decode: Callable[[bytes], Any] | None = None) -> JWSObject:
        """Verifies a message of either form."""
        if isinstance(s, Mapping) or (s[:1] in (b"{", "{")):
            return self.deserialize_json(s, key, decode)
        return self.deserialize_compact(s, key, decode)

    def _check(self, header: Mapping[str, Any], protected: Mapping[str, Any]) -> None:
        """Raises for names that are not allowed, and for extensions that nobody named."""
        self._names.check(header)
        if "crit" not in header:
            return
        if "crit" not in protected:
            raise InvalidHeaderParameterNameError("crit", "crit is to be in the protected header (RFC 7515 4.1.11)")
        critical = protected["crit"]
        for name in critical if isinstance(critical, list) else ():
            if name != "b64" and name not in self._names.understood:
                named = (
                    f"which nobody named: private_headers=[{name!r}] does" if name not in _REGISTERED else "which is no extension"
                )
                raise InvalidCritHeaderParameterNameError(str(name), f"crit names {name}, {named} (RFC 7515 4.1.11)")

    def _check_algorithm(self, header: Mapping[str, Any]) -> None:
        """Raises for an algorithm that is not there or not allowed."""
        if "alg" not in header:
            raise MissingAlgorithmError(description="the header has no alg")
        if isinstance(header["alg"], str) and header["alg"] not in self._allowed:
            raise UnsupportedAlgorithmError(description="the algorithm is not one that the caller allows (RFC 8725 3.1)")


_Verified = tuple[bytes, list[tuple[dict[str, Any], dict[str, Any]]]]


def _check_one_form(headers: Iterable[Mapping[str, Any]]) -> None:
    """Raises where signatures are of the same text in several forms: they are of several payloads."""
    if len({bool(header.get("b64", True)) for header in headers}) > 1:
        raise DecodeError(description="b64 is the same in all signatures, or in none (RFC 7797 3)")


def _find(key: AnyKey, header: Mapping[str, Any], payload: Any) -> AnyKey:
    if not isinstance(key, (Key, KeySet)) and callable(key):
        return key(dict(header), payload)
    return key


def _object(obj: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(obj, Mapping):
        return dict(obj)
    if not isinstance(obj, (str, bytes)):
        raise DecodeError(description="Invalid JWS: a message of a JSON form is a dict, str or bytes")
    return _core.read_object(obj)


def _payload(message: Mapping[str, Any], signature: Any) -> bytes:
    """What a signature is said to be for: as it is, where its header says so (RFC 7797)."""
    text = message.get("payload")
    if not isinstance(text, str):
        return b""
    return text.encode() if _unverified(signature).get("b64") is False else _core.base64url_decode(text)


def _unverified(signature: Any) -> dict[str, Any]:
    other = (signature.get("header") or {}) if isinstance(signature, Mapping) else None
    if not isinstance(other, Mapping):
        raise DecodeError(description="a signature and its header are objects")
    protected = signature.get("protected")
    return {**other, **(read_part(protected) if protected else {})}
