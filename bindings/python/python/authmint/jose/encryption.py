"""JSON Web Encryption (RFC 7516)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import _core
from ._messages import HeaderNames, as_bytes, as_names, check_disjoint, dots
from .errors import DecodeError
from .keys import AnyKey, Key, KeySet, native

_REGISTERED = (
    *("alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"),
    *("epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "skid"),
)


class JsonWebEncryption:
    """Encrypts and decrypts messages, of the algorithms it is made for. `RSA1_5` must be named: its padding has leaked
    plaintexts in many programs.
    """

    #: The most recipients of a message.
    MAX_RECIPIENTS = 16

    def __init__(self, algorithms: Iterable[str] | None = None, private_headers: Iterable[str] | None = None) -> None:
        self._algorithms = _core.Algorithms(None if algorithms is None else as_names(algorithms))
        self._names = HeaderNames(_REGISTERED, private_headers)

    def serialize_compact(
        self, protected: Mapping[str, Any], payload: str | bytes, key: AnyKey, sender_key: AnyKey | None = None
    ) -> bytes:
        """Encrypts in the compact form."""
        self._names.check(protected)
        return _core.encrypt(dict(protected), as_bytes(payload), _find(key, protected), self._algorithms, _sender(sender_key))

    def deserialize_compact(
        self,
        s: str | bytes,
        key: AnyKey,
        decode: Callable[[bytes], Any] | None = None,
        sender_key: AnyKey | None = None,
    ) -> dict[str, Any]:
        """Decrypts the compact form: its `header` and its `payload`."""
        if dots(s) != 4:
            raise DecodeError(description="Not enough segments")
        if not isinstance(key, (Key, KeySet)) and callable(key):
            key = key(_core.peek(s)[0], None)
        header, payload = _core.decrypt(s, native(key), self._algorithms, self._names.understood, _sender(sender_key))
        return {"header": header, "payload": decode(payload) if decode else payload}

    def serialize_json(
        self, header_obj: Mapping[str, Any], payload: str | bytes, keys: Any, sender_key: AnyKey | None = None
    ) -> dict[str, Any]:
        """Encrypts in the general form. `header_obj` has `protected`, and may have `unprotected`, `recipients` with a
        `header` each, and `aad`. There is one key for each recipient, or one key.
        """
        recipients = header_obj.get("recipients") or [{}]
        several = list(keys) if isinstance(keys, (list, tuple)) else [keys] * len(recipients)
        if len(several) != len(recipients):
            raise DecodeError(description="there must be one key for each recipient")
        protected = dict(header_obj.get("protected") or {})
        self._names.check(protected)
        for one in recipients:
            check_disjoint(protected, header_obj.get("unprotected"), one.get("header"))
        aad = header_obj.get("aad")
        headers = [one.get("header") for one in recipients]
        parts = [(own, _find(key, {**protected, **(own or {})})) for own, key in zip(headers, several, strict=True)]
        return _core.encrypt_json(
            protected,
            header_obj.get("unprotected"),
            parts,
            as_bytes(payload),
            self._algorithms,
            False,
            None if aad is None else as_bytes(aad),
            _sender(sender_key),
        )

    def deserialize_json(
        self,
        obj: str | bytes | Mapping[str, Any],
        key: AnyKey,
        decode: Callable[[bytes], Any] | None = None,
        sender_key: AnyKey | None = None,
    ) -> dict[str, Any]:
        """Decrypts the general or the flattened form, as the recipient that the key is for."""
        message = self.parse_json(obj)
        if not isinstance(key, (Key, KeySet)) and callable(key):
            key = key(message, None)
        header, payload, aad = _core.decrypt_json(
            message, native(key), self._algorithms, self._names.understood, _sender(sender_key)
        )
        opened: dict[str, Any] = {"header": header, "payload": decode(payload) if decode else payload}
        if aad is not None:
            opened["aad"] = aad
        return opened

    def serialize(self, header: Mapping[str, Any], payload: Any, key: AnyKey, sender_key: AnyKey | None = None) -> Any:
        """Encrypts in the form that the header has: a JSON form where it has a protected part, else the compact one."""
        if "protected" in header or "unprotected" in header or "recipients" in header:
            return self.serialize_json(header, payload, key, sender_key)
        return self.serialize_compact(header, payload, key, sender_key)

    def deserialize(
        self, obj: Any, key: AnyKey, decode: Callable[[bytes], Any] | None = None, sender_key: AnyKey | None = None
    ) -> dict[str, Any]:
        """Decrypts a message of either form."""
        if isinstance(obj, Mapping) or obj[:1] in (b"{", "{"):
            return self.deserialize_json(obj, key, decode, sender_key)
        return self.deserialize_compact(obj, key, decode, sender_key)

    @staticmethod
    def parse_json(obj: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
        """Reads a message of a JSON form, strictly, without decrypting it."""
        if isinstance(obj, Mapping):
            return dict(obj)
        return _core.read_object(obj)


def _find(key: AnyKey, header: Mapping[str, Any]) -> _core.Key | _core.KeySet:
    if not isinstance(key, (Key, KeySet)) and callable(key):
        key = key(dict(header), None)
    return native(key)


def _sender(key: AnyKey | None) -> _core.Key | _core.KeySet | None:
    return None if key is None else native(key)
