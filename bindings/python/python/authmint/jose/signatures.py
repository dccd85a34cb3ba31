"""JSON Web Signatures (RFC 7515, RFC 7797)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .. import _core
from ._messages import HeaderNames, as_bytes, as_names, check_disjoint, dots
from .errors import DecodeError, MissingAlgorithmError
from .keys import AnyKey, Key, KeySet, native

_REGISTERED = ("alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "b64")


class JWSHeader(dict[str, Any]):
    """The header of a signature: the protected part, which was signed, and the other."""

    def __init__(self, protected: Mapping[str, Any] | None, header: Mapping[str, Any] | None) -> None:
        super().__init__({**(header or {}), **(protected or {})})
        self.protected = dict(protected or {})
        self.header = dict(header or {})

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

    def __init__(self, algorithms: Iterable[str] | None = None, private_headers: Iterable[str] | None = None) -> None:
        self._algorithms = _core.Algorithms(None if algorithms is None else as_names(algorithms))
        self._names = HeaderNames(_REGISTERED, private_headers)

    def serialize_compact(self, protected: Mapping[str, Any], payload: str | bytes, key: AnyKey) -> bytes:
        """Signs in the compact form."""
        self._names.check(protected)
        key = _find(key, protected, payload)
        detached = protected.get("b64") is False
        return _core.sign(dict(protected), as_bytes(payload), native(key), self._algorithms, detached)

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
        header, content = _core.verify(s, native(key), self._algorithms, understood, payload)
        return JWSObject(JWSHeader(header, None), decode(content) if decode else content, "compact")

    def serialize_json(
        self, header_obj: Mapping[str, Any] | Sequence[Mapping[str, Any]], payload: str | bytes, key: AnyKey
    ) -> dict[str, Any]:
        """Signs in the flattened form, or in the general one where there is a list of headers."""
        flattened = isinstance(header_obj, Mapping)
        headers = [header_obj] if isinstance(header_obj, Mapping) else list(header_obj)
        signers: list[tuple[dict[str, Any] | None, dict[str, Any] | None, _core.Key | _core.KeySet]] = []
        for one in headers:
            header = JWSHeader.from_dict(one)
            self._names.check(header)
            check_disjoint(header.protected, header.header)
            signers.append((header.protected, header.header or None, native(_find(key, header, payload))))
        return _core.sign_json(signers, as_bytes(payload), self._algorithms, flattened)

    def deserialize_json(
        self, obj: str | bytes | Mapping[str, Any], key: AnyKey, decode: Callable[[bytes], Any] | None = None
    ) -> JWSObject:
        """Verifies the flattened or the general form. Of several signatures, each must be valid."""
        message = _object(obj)
        if not isinstance(key, (Key, KeySet)) and callable(key):
            several = message.get("signatures")
            first = several[0] if isinstance(several, list) and several else message
            header = _unverified(first)
            key = key(header, _decoded(message.get("payload")))
        payload, headers = _core.verify_json(message, native(key), self._algorithms, self._names.understood)
        parts = [JWSHeader(protected, other) for protected, other in headers]
        content = decode(payload) if decode else payload
        if "signatures" in message:
            return JWSObject(parts, content, "json")
        return JWSObject(parts[0], content, "flat")

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


def _find(key: AnyKey, header: Mapping[str, Any], payload: Any) -> AnyKey:
    if not isinstance(key, (Key, KeySet)) and callable(key):
        return key(dict(header), payload)
    return key


def _object(obj: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(obj, Mapping):
        return dict(obj)
    return _core.read_object(obj)


def _decoded(text: Any) -> bytes:
    return _core.base64url_decode(text) if isinstance(text, str) else b""


def _unverified(signature: Any) -> dict[str, Any]:
    other = (signature.get("header") or {}) if isinstance(signature, Mapping) else None
    if not isinstance(other, Mapping):
        raise DecodeError(description="a signature and its header are objects")
    protected = signature.get("protected")
    return {**other, **(_core.read_object(_decoded(protected)) if protected else {})}
