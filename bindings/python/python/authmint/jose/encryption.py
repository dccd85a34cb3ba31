"""JSON Web Encryption (RFC 7516)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import _core
from ._messages import HeaderNames, as_bytes, as_names, check_disjoint, dots, read_part
from .errors import (
    DecodeError,
    ExceededSizeError,
    InvalidAlgorithmForMultipleRecipientsMode,
    InvalidEncryptionAlgorithmForECDH1PUWithKeyWrappingError,
    InvalidKeyError,
    JoseError,
    KeyMismatchError,
    MissingAlgorithmError,
    MissingEncryptionAlgorithmError,
    UnsupportedAlgorithmError,
    UnsupportedCompressionAlgorithmError,
    UnsupportedEncryptionAlgorithmError,
)
from .keys import AnyKey, Key, KeySet, explained, key_or_problem, native

_REGISTERED = (
    *("alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"),
    *("epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "skid"),
)


class JWESharedHeader(dict[str, Any]):
    """What all recipients of a message share: the protected part of the header, and the one that nobody protects."""

    def __init__(self, protected: Mapping[str, Any] | None, unprotected: Mapping[str, Any] | None) -> None:
        super().__init__({**(unprotected or {}), **(protected or {})})
        self.protected = dict(protected or {})
        self.unprotected = dict(unprotected or {})

    def update_protected(self, addition: Mapping[str, Any]) -> None:
        """Adds to the protected part."""
        self.update(addition)
        self.protected.update(addition)

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any]) -> JWESharedHeader:
        """Of a dict with `protected` and `unprotected`."""
        return obj if isinstance(obj, cls) else cls(obj.get("protected"), obj.get("unprotected"))


class JWEHeader(dict[str, Any]):
    """The header for one recipient: what is protected, what all share, and what is the recipient's own."""

    def __init__(
        self,
        protected: Mapping[str, Any] | None,
        unprotected: Mapping[str, Any] | None,
        header: Mapping[str, Any] | None,
    ) -> None:
        super().__init__({**(unprotected or {}), **(header or {}), **(protected or {})})
        self.protected = dict(protected or {})
        self.unprotected = dict(unprotected or {})
        self.header = dict(header or {})


class JsonWebEncryption:
    """Encrypts and decrypts messages, of the algorithms it is made for. `RSA1_5` must be named: its padding has leaked
    plaintexts in many programs. Where algorithms are named, so must be `DEF`, which compresses.
    """

    #: The most recipients of a message.
    MAX_RECIPIENTS = 16
    REGISTERED_HEADER_PARAMETER_NAMES = frozenset(_REGISTERED)

    def __init__(self, algorithms: Iterable[str] | None = None, private_headers: Iterable[str] | None = None) -> None:
        names = None if algorithms is None else as_names(algorithms)
        self._algorithms = _core.Algorithms(names)
        self._managements = frozenset(self._algorithms.managements)
        self._encryptions = frozenset(self._algorithms.encryptions)
        self._compresses = names is None or "DEF" in names
        self._names = HeaderNames(_REGISTERED, private_headers)

    def serialize_compact(
        self, protected: Mapping[str, Any], payload: str | bytes, key: AnyKey, sender_key: AnyKey | None = None
    ) -> bytes:
        """Encrypts in the compact form."""
        self._names.check(protected)
        self._check_compression(protected)
        try:
            _check_sender(protected.get("alg"), sender_key)
            return _core.encrypt(dict(protected), as_bytes(payload), _find(key, protected), self._algorithms, _sender(sender_key))
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "encrypt") from None
        except JoseError:
            self._check(protected)
            raise

    def deserialize_compact(
        self,
        s: str | bytes,
        key: AnyKey,
        decode: Callable[[bytes], Any] | None = None,
        sender_key: AnyKey | None = None,
    ) -> dict[str, Any]:
        """Decrypts the compact form: its `header` and its `payload`. A key may be a pair of its name and itself."""
        if dots(s) != 4:
            raise DecodeError(description="Not enough segments")
        if self._names.restricts or not self._compresses or sender_key is not None:
            header = _core.peek(s)[0]
            self._names.check(header)
            self._check_compression(header)
            _check_sender(header.get("alg"), sender_key)
        if isinstance(key, tuple) and len(key) == 2:
            key = key[1]
        if not isinstance(key, (Key, KeySet)) and callable(key):
            key = key(_core.peek(s)[0], None)
        understood, sender = self._names.understood, _sender(sender_key)
        try:
            if isinstance(key, (Key, KeySet)):
                made: _core.Key | _core.KeySet = key._native
            else:
                made = key_or_problem(key, lambda made: _core.decrypt(s, made, self._algorithms, understood, sender))
            header, payload = _core.decrypt(s, made, self._algorithms, understood, sender)
        except UnsupportedAlgorithmError:
            self._check(_core.peek(s)[0])
            raise
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "decrypt") from None
        return {"header": header, "payload": decode(payload) if decode else payload}

    def serialize_json(
        self, header_obj: Mapping[str, Any], payload: str | bytes, keys: Any, sender_key: AnyKey | None = None
    ) -> dict[str, Any]:
        """Encrypts in the general form. `header_obj` has `protected`, and may have `unprotected`, `recipients` with a
        `header` each, and `aad`. There is one key for each recipient; one key alone is each one's.
        """
        shared = JWESharedHeader.from_dict(header_obj)
        several = list(keys) if isinstance(keys, (list, tuple)) else None
        recipients = header_obj.get("recipients") or [{}] * (1 if several is None else len(several))
        several = [keys] * len(recipients) if several is None else several
        if not several or len(several) != len(recipients):
            raise InvalidKeyError(
                description=f"there are {len(several)} keys for {len(recipients)} recipients: give one for each"
            )
        own_headers = [dict((one or {}).get("header") or {}) for one in recipients]
        if "enc" in shared and "enc" not in shared.protected:
            raise MissingEncryptionAlgorithmError(description="enc is to be in the protected header, where nobody can change it")
        for own in own_headers:
            check_disjoint(shared.protected, shared.unprotected, own)
            whole = {**shared, **own}
            self._check(whole)
            _check_sender(whole["alg"], sender_key)
            if len(recipients) > 1 and whole["alg"] in _FOR_ONE:
                raise InvalidAlgorithmForMultipleRecipientsMode(whole["alg"])
        aad = header_obj.get("aad")
        parts: list[tuple[dict[str, Any] | None, _core.Key | _core.KeySet]] = [
            (own, _find(key, {**shared, **own})) for own, key in zip(own_headers, several, strict=True)
        ]
        return _core.encrypt_json(
            shared.protected,
            shared.unprotected or None,
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
        """Decrypts the general or the flattened form, as the recipient that the key is for: its `payload`, and its `header` with
        `protected`, `unprotected`, `recipients` and `aad`, each where there is one. A key may be a pair of the recipient's
        `kid` and itself.
        """
        message = self.parse_json(obj)
        header = _parts_of(message)
        shared = {**header.get("unprotected", {}), **header.get("protected", {})}
        for one in header.get("recipients") or [{}]:
            whole = {**shared, **one.get("header", {})}
            self._names.check(whole)
            self._check_compression(whole)
            if sender_key is not None:
                _check_sender(whole.get("alg"), sender_key)
        if isinstance(key, tuple) and len(key) == 2:
            # A key is tried for each recipient that may be its own, whatever it is called.
            key = key[1]
        if not isinstance(key, (Key, KeySet)) and callable(key):
            key = key(message, None)
        understood, sender = self._names.understood, _sender(sender_key)

        def opened(with_key: _core.Key | _core.KeySet) -> tuple[dict[str, Any], bytes, bytes | None]:
            return _core.decrypt_json(message, with_key, self._algorithms, understood, sender)

        try:
            _, payload, aad = opened(key_or_problem(key, opened))
        except KeyMismatchError as mismatch:
            raise explained(mismatch, key, "decrypt") from None
        if aad is not None:
            header["aad"] = aad
        return {"header": header, "payload": decode(payload) if decode else payload}

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
        if not isinstance(obj, (str, bytes)):
            raise DecodeError(description="Invalid JWE: a message of a JSON form is a dict, str or bytes")
        return _core.read_object(obj)

    def _check(self, header: Mapping[str, Any]) -> None:
        """Raises for a header that says something which is not allowed: its names, `alg`, `enc` and `zip`, in this order."""
        self._names.check(header)
        if "alg" not in header:
            raise MissingAlgorithmError(description="the header has no alg")
        alg, enc = header["alg"], header.get("enc")
        if isinstance(alg, str) and alg not in self._managements:
            raise UnsupportedAlgorithmError(description="the algorithm is not one that the caller allows (RFC 8725 3.1)")
        if isinstance(enc, str) and enc not in self._encryptions:
            raise UnsupportedEncryptionAlgorithmError()
        if isinstance(enc, str) and str(alg).startswith("ECDH-1PU+") and "CBC" not in enc:
            raise InvalidEncryptionAlgorithmForECDH1PUWithKeyWrappingError()
        self._check_compression(header)

    def _check_compression(self, header: Mapping[str, Any]) -> None:
        if "zip" in header and not self._compresses:
            problem = "the message is compressed, which is allowed where the algorithms name DEF"
            raise UnsupportedCompressionAlgorithmError(description=problem)


#: Algorithms that decide the content's key: what they encrypt has one recipient.
_FOR_ONE = ("dir", "ECDH-ES", "ECDH-1PU")


def _check_sender(alg: Any, sender_key: AnyKey | None) -> None:
    """Raises where the algorithm proves who the sender is and none is named, or one is named and it does not."""
    proves = isinstance(alg, str) and alg.startswith("ECDH-1PU")
    if proves and sender_key is None:
        raise InvalidKeyError(description=f"{alg} proves who the sender is: name its key, sender_key")
    if not proves and sender_key is not None:
        raise InvalidKeyError(description=f"{alg} does not prove who the sender is: take an ECDH-1PU, or no sender_key")


def _parts_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a message's header, as they are before anybody has verified them."""
    header: dict[str, Any] = {}
    if "protected" in message:
        header["protected"] = read_part(message["protected"])
    if message.get("unprotected"):
        header["unprotected"] = message["unprotected"]
    recipients = message.get("recipients")
    if recipients is None and message.get("header"):
        recipients = [message]
    if recipients is not None:
        if not isinstance(recipients, list) or not all(isinstance(one, Mapping) for one in recipients):
            raise DecodeError(description="the recipients of a message are a list of objects")
        if len(recipients) > JsonWebEncryption.MAX_RECIPIENTS:
            raise ExceededSizeError(description=f"Too many recipients: {JsonWebEncryption.MAX_RECIPIENTS} are the most")
        header["recipients"] = [{"header": one["header"]} if one.get("header") else {} for one in recipients]
    for part in (header.get("unprotected", {}), *(one.get("header", {}) for one in header.get("recipients", ()))):
        if not isinstance(part, Mapping):
            raise DecodeError(description="a header is an object")
    return header


def _find(key: AnyKey, header: Mapping[str, Any]) -> _core.Key | _core.KeySet:
    if not isinstance(key, (Key, KeySet)) and callable(key):
        key = key(dict(header), None)
    return native(key)


def _sender(key: AnyKey | None) -> _core.Key | _core.KeySet | None:
    return None if key is None else native(key)
