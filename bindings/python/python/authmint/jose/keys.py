"""Keys and sets of keys (RFC 7517), in and out of every form they come in."""

from __future__ import annotations

import json
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Union

from .. import _core
from ._complete import complete
from .errors import DecodeError, InvalidKeyError, InvalidUseError, JoseError, KeyMismatchError, KeyNotFoundError

#: What a key may come as.
RawKey = Union["Key", str, bytes, Mapping[str, Any], Any]
#: What a token may be verified with.
AnyKey = Union["Key", "KeySet", RawKey, Callable[[dict[str, Any], Any], Any]]

#: Members that say what a key is for. The core obeys them.
_PURPOSE = ("kid", "use", "key_ops", "alg")
#: What is the core's to keep. Among the options, which are shown with the public half, it has no place.
_KEPT = frozenset(("kty", "password", "allow_short_secret", "k", "d", "p", "q", "dp", "dq", "qi", "oth", "priv"))


class Key:
    """A key. It does not change, and tells nothing secret unless it is asked for it by `is_private=True`.

    `options` are members of the JWK beside the key itself: `kid`, `use`, `key_ops`, `alg`, `x5c` and others.
    """

    kty: ClassVar[str] = "_"
    ALLOWED_PARAMS: ClassVar[list[str]] = ["use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256"]
    PRIVATE_KEY_OPS: ClassVar[list[str]] = ["sign", "decrypt", "unwrapKey"]
    PUBLIC_KEY_OPS: ClassVar[list[str]] = ["verify", "encrypt", "wrapKey"]
    #: The members of a public JWK that are the key itself.
    REQUIRED_JSON_FIELDS: ClassVar[list[str]] = []

    __slots__ = ("_native", "options")

    _native: _core.Key
    options: dict[str, Any]

    def __init__(self, native: _core.Key, options: Mapping[str, Any] | None = None) -> None:
        self.options = {name: value for name, value in (options or {}).items() if name not in _KEPT}
        if any(name in self.options for name in _PURPOSE):
            members = native.to_dict(native.is_private)
            members.update((name, self.options[name]) for name in _PURPOSE if self.options.get(name) is not None)
            native = _core.Key.from_jwk(members)
        self._native = native

    @classmethod
    def import_key(cls, raw: RawKey, options: Mapping[str, Any] | None = None) -> Any:
        """Reads a key: a JWK as a dict or as JSON, PEM, DER, a line of OpenSSH, an object of `cryptography`, `joserfc` or
        Authlib. `options` may hold a `password` for an encrypted key.
        """
        if isinstance(raw, Mapping) and "kty" not in raw and cls.kty != Key.kty:
            raw = {**raw, "kty": cls.kty}
        key = _import(raw, options)
        if cls is not Key and not isinstance(key, cls):
            raise InvalidKeyError(description=f"this is a key of the type {key.kty}, not {cls.kty}")
        return key

    @property
    def kid(self) -> str | None:
        """Its name, where it has one."""
        return self._native.kid

    @property
    def public_only(self) -> bool:
        """Whether it has no private half."""
        return not self._native.is_private

    @property
    def is_private(self) -> bool:
        """Whether it has a private half, or is a secret."""
        return self._native.is_private

    @property
    def tokens(self) -> dict[str, Any]:
        """All members, private ones and all."""
        return {**self._native.to_dict(self._native.is_private), **self.options, "kty": self._native.kty}

    def keys(self) -> KeysView[str]:
        """The names of its members."""
        return self.tokens.keys()

    def items(self) -> ItemsView[str, Any]:
        """Its members."""
        return self.tokens.items()

    def __getitem__(self, name: str) -> Any:
        return self.tokens[name]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} kid={self.kid!r}>"

    def thumbprint(self) -> str:
        """The thumbprint (RFC 7638), SHA-256: a `kid` that is the same everywhere."""
        return self._native.thumbprint()

    def thumbprint_uri(self) -> str:
        """The thumbprint as a URI (RFC 9278)."""
        return self._native.thumbprint_uri()

    def as_dict(self, is_private: bool = False, **params: Any) -> dict[str, Any]:
        """As a JWK: the public half, unless the private one is asked for. Without a name it is called by its thumbprint."""
        if is_private and not self._native.is_private:
            raise InvalidKeyError(description="This is a public key")
        members = {**self._native.to_dict(is_private), **self.options, "kty": self._native.kty}
        members.setdefault("kid", self.thumbprint())
        members.update(params)
        return members

    def as_json(self, is_private: bool = False, **params: Any) -> str:
        """As a JWK in JSON."""
        return json.dumps(self.as_dict(is_private, **params), separators=(",", ":"))

    def check_key_op(self, operation: str) -> None:
        """Raises unless the key is for this operation (RFC 7517 4.2 and 4.3)."""
        allowed = self.options.get("key_ops")
        if allowed is not None and operation not in allowed:
            raise InvalidKeyError(description=f'Unsupported key_op "{operation}"')
        if operation in self.PRIVATE_KEY_OPS and self.public_only:
            raise InvalidKeyError(description=f'Invalid key_op "{operation}" for public key')
        use = self.options.get("use")
        if (operation in ("sign", "verify") and use not in (None, "sig")) or (
            operation in ("encrypt", "decrypt", "wrapKey", "unwrapKey") and use not in (None, "enc")
        ):
            raise InvalidUseError()


class OctKey(Key):
    """A secret."""

    kty = "oct"
    REQUIRED_JSON_FIELDS: ClassVar[list[str]] = ["k"]
    __slots__ = ()

    @classmethod
    def import_key(cls, raw: RawKey, options: Mapping[str, Any] | None = None) -> OctKey:
        """Takes a secret, or reads a JWK that is one. Key files are none, whatever their form.

        With `allow_short_secret` among its options it may be shorter than the hash that it is for: for one that somebody else
        has chosen, until it is changed. Whoever sees one of its tokens may try secrets until one fits.
        """
        options = dict(options or {})
        takes_short = options.pop("allow_short_secret", False)
        if isinstance(raw, (str, bytes)):
            key = cls(_core.Key.from_secret(raw.encode() if isinstance(raw, str) else raw), options)
        else:
            key = super().import_key(raw, options)
            assert isinstance(key, OctKey)
        if takes_short:
            # A key of its own: the one that was given stays as it is.
            key = cls(key._native, key.options)
            key._native = key._native.taking_short_secret()
        return key

    @classmethod
    def generate_key(cls, key_size: int = 256, options: Mapping[str, Any] | None = None, is_private: bool = True) -> OctKey:
        """Makes a secret of so many bits."""
        if not is_private:
            raise InvalidKeyError(description="oct key can not be generated as public")
        return cls(_core.Key.generate("oct", bits=key_size), options)

    @property
    def raw_key(self) -> bytes:
        """The secret itself."""
        return _core.base64url_decode(self.tokens["k"])

    def get_op_key(self, operation: str) -> bytes:
        """The secret itself, for an operation that it is for."""
        self.check_key_op(operation)
        return self.raw_key

    def as_dict(self, is_private: bool = False, **params: Any) -> dict[str, Any]:
        """As a JWK. A secret has no public half, so that it tells only what it is, unless `is_private`."""
        if is_private:
            return super().as_dict(True, **params)
        members = {"kty": "oct", **self.options}
        members.setdefault("kid", self.thumbprint())
        members.update(params)
        return members


class AsymmetricKey(Key):
    """A key with a public half, and perhaps a private one."""

    __slots__ = ()

    def as_bytes(self, encoding: str | None = None, is_private: bool = False, password: str | bytes | None = None) -> bytes:
        """As PEM or DER: PKCS#8, or SPKI for the public half."""
        if encoding not in (None, "PEM", "DER"):
            raise InvalidKeyError(description=f"Invalid encoding: {encoding!r}; PEM or DER")
        if encoding == "DER":
            if password is not None:
                raise InvalidKeyError(description="an encrypted key is written as PEM")
            return self._native.to_der(is_private)
        return self._native.to_pem(is_private, password.encode() if isinstance(password, str) else password)

    def as_pem(self, is_private: bool = False, password: str | bytes | None = None) -> bytes:
        """As PEM."""
        return self.as_bytes("PEM", is_private, password)

    def as_der(self, is_private: bool = False, password: str | bytes | None = None) -> bytes:
        """As DER."""
        return self.as_bytes("DER", is_private, password)

    def as_openssh(self, comment: str = "") -> str:
        """The public half as a line of OpenSSH."""
        return self._native.to_openssh(comment)

    def get_public_key(self) -> Any:
        """The public half as an object of `cryptography`."""
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        return load_der_public_key(self._native.to_der(False))

    def get_private_key(self) -> Any:
        """The private half as an object of `cryptography`; `None` where there is none."""
        from cryptography.hazmat.primitives.serialization import load_der_private_key

        return load_der_private_key(self._native.to_der(True), None) if self._native.is_private else None

    def as_key(self, is_private: bool = False) -> Any:
        """One of its halves as an object of `cryptography`."""
        return self.get_private_key() if is_private else self.get_public_key()

    @property
    def public_key(self) -> Any:
        """As `get_public_key`."""
        return self.get_public_key()

    @property
    def private_key(self) -> Any:
        """As `get_private_key`."""
        return self.get_private_key()

    def get_op_key(self, operation: str) -> Any:
        """The half that an operation needs, as an object of `cryptography`."""
        self.check_key_op(operation)
        return self.get_private_key() if operation in self.PRIVATE_KEY_OPS else self.get_public_key()

    @classmethod
    def _generated(cls, native: _core.Key, options: Mapping[str, Any] | None, is_private: bool) -> Any:
        return cls(native if is_private else native.public(), options)


class RSAKey(AsymmetricKey):
    """An RSA key."""

    kty = "RSA"
    REQUIRED_JSON_FIELDS: ClassVar[list[str]] = ["e", "n"]
    __slots__ = ()

    @classmethod
    def generate_key(cls, key_size: int = 2048, options: Mapping[str, Any] | None = None, is_private: bool = False) -> RSAKey:
        """Makes a key of 2048, 3072 or 4096 bits: its public half, unless `is_private`."""
        return cls._generated(_core.Key.generate("RSA", bits=key_size), options, is_private)  # type: ignore[no-any-return]


class ECKey(AsymmetricKey):
    """A key of an elliptic curve: P-256, P-384, P-521 or secp256k1."""

    kty = "EC"
    REQUIRED_JSON_FIELDS: ClassVar[list[str]] = ["crv", "x", "y"]
    __slots__ = ()

    @property
    def curve_key_size(self) -> int:
        """The bits of its curve."""
        return {"P-256": 256, "P-384": 384, "P-521": 521, "secp256k1": 256}[self["crv"]]

    def exchange_shared_key(self, pubkey: Any) -> bytes:
        """The secret that is shared with the holder of a public key, an object of `cryptography`."""
        from cryptography.hazmat.primitives.asymmetric.ec import ECDH

        private = self.get_private_key()
        if private is None:
            raise InvalidKeyError(description="Invalid key for exchanging shared key: this is a public key")
        return bytes(private.exchange(ECDH(), pubkey))

    @classmethod
    def generate_key(cls, crv: str = "P-256", options: Mapping[str, Any] | None = None, is_private: bool = False) -> ECKey:
        """Makes a key of a curve: its public half, unless `is_private`."""
        return cls._generated(_core.Key.generate("EC", crv), options, is_private)  # type: ignore[no-any-return]


class OKPKey(AsymmetricKey):
    """A key of a curve of RFC 8037: Ed25519, Ed448, X25519 or X448."""

    kty = "OKP"
    REQUIRED_JSON_FIELDS: ClassVar[list[str]] = ["crv", "x"]
    __slots__ = ()

    def exchange_shared_key(self, pubkey: Any) -> bytes:
        """The secret that is shared with the holder of a public key, an object of `cryptography`."""
        private = self.get_private_key()
        if private is None or self["crv"] not in ("X25519", "X448"):
            raise InvalidKeyError(description="Invalid key for exchanging shared key: it takes a private X25519 or X448")
        return bytes(private.exchange(pubkey))

    @classmethod
    def generate_key(cls, crv: str = "Ed25519", options: Mapping[str, Any] | None = None, is_private: bool = False) -> OKPKey:
        """Makes a key of a curve: its public half, unless `is_private`."""
        return cls._generated(_core.Key.generate("OKP", crv), options, is_private)  # type: ignore[no-any-return]


class KeySet:
    """A set of keys, found by their names."""

    __slots__ = ("_made", "keys")

    #: The keys. Some may be added, and those that are taken out verify nothing more.
    keys: list[Key]
    _made: tuple[tuple[Key, ...], _core.KeySet]

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = list(keys)
        self._made = ((), _core.KeySet([]))

    @property
    def _native(self) -> _core.KeySet:
        keys, made = tuple(self.keys), self._made
        if made[0] != keys:
            self._made = made = (keys, _core.KeySet([key._native for key in keys]))
        return made[1]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def as_dict(self, is_private: bool = False, **params: Any) -> dict[str, Any]:
        """As a JWK set: public halves, unless the private ones are asked for."""
        return {"keys": [key.as_dict(is_private, **params) for key in self.keys]}

    def as_json(self, is_private: bool = False, **params: Any) -> str:
        """As a JWK set in JSON."""
        return json.dumps(self.as_dict(is_private, **params), separators=(",", ":"))

    def find_by_kid(self, kid: str | None, **params: Any) -> Key:
        """The key of that name, among those whose members are `params`; the first of them where no name is asked for."""

        def fits(key: Key) -> bool:
            members = key.tokens
            named = kid is None or kid in (key.kid, key.thumbprint())
            return named and all(members.get(name) in (None, value) for name, value in params.items())

        for key in self.keys:
            if fits(key):
                return key
        raise KeyNotFoundError()


class JsonWebKey:
    """Reads and makes keys of any type."""

    JWK_KEY_CLS: ClassVar[dict[str, type[Key]]] = {"oct": OctKey, "RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}

    @classmethod
    def generate_key(
        cls,
        kty: str,
        crv_or_size: str | int,
        options: Mapping[str, Any] | None = None,
        is_private: bool = False,
    ) -> Key:
        """Makes a key of a type: of a curve, or of so many bits."""
        kind = cls.JWK_KEY_CLS.get(kty)
        if kind is None:
            raise InvalidKeyError(description=f"kty is one of {', '.join(cls.JWK_KEY_CLS)}")
        made: Key = kind.generate_key(crv_or_size, options, is_private)  # type: ignore[attr-defined]
        return made

    @classmethod
    def import_key(cls, raw: RawKey, options: Mapping[str, Any] | None = None) -> Key:
        """Reads a key in any form; see `Key.import_key`. A secret that is no JWK needs `{"kty": "oct"}` in `options`."""
        kty = None if isinstance(raw, Mapping) else (options or {}).get("kty")
        kind: type[Key] | None = Key if kty is None else cls.JWK_KEY_CLS.get(kty)
        if kind is None:
            raise InvalidKeyError(description=f"kty is one of {', '.join(cls.JWK_KEY_CLS)}")
        made: Key = kind.import_key(raw, options)
        return made

    @classmethod
    def import_key_set(cls, raw: KeySet | str | bytes | Mapping[str, Any] | Iterable[Any]) -> KeySet:
        """Reads a JWK set, or a list of keys. Keys of an unknown type are left out (RFC 7517 5)."""
        if isinstance(raw, KeySet):
            return raw
        if isinstance(raw, (str, bytes)):
            try:
                raw = _core.read_object(raw)
            except JoseError:
                raise InvalidKeyError(description="Invalid key set format: it is no JSON object") from None
        keys = raw.get("keys") if isinstance(raw, Mapping) else raw
        if not isinstance(keys, Iterable) or isinstance(keys, (str, bytes)):
            raise InvalidKeyError(description="Invalid key set format: a JWK set has a list `keys`")

        def is_known(key: Any) -> bool:
            return not isinstance(key, Mapping) or key.get("kty") in (*cls.JWK_KEY_CLS, "AKP")

        return KeySet([key for raw in keys if is_known(raw) and (key := cls._of_set(raw)) is not None])

    @classmethod
    def _of_set(cls, raw: Any) -> Key | None:
        """A key of a set; of those whose type is new and whose form is not known, none."""
        try:
            return Key.import_key(raw)  # type: ignore[no-any-return]
        except InvalidKeyError:
            if isinstance(raw, Mapping) and raw.get("kty") == "AKP":
                return None
            raise


def _import(raw: RawKey, options: Mapping[str, Any] | None) -> Key:
    if isinstance(raw, Key):
        return raw if not options else type(raw)(raw._native, {**raw.options, **options})
    options = dict(options or {})
    password = options.pop("password", None)
    if isinstance(password, str):
        password = password.encode()
    if isinstance(raw, Mapping):
        members = {**raw, **options}
        if "kty" not in members:
            raise InvalidKeyError(description='Missing required field: "kty"')
        with _of_a_key():
            native = _core.Key.from_jwk(complete({name: value for name, value in members.items() if _is_known(name)}))
        known = native.to_dict(native.is_private)
        extra = {name: value for name, value in members.items() if name not in known or name in _PURPOSE}
        return _of_type(native, extra)
    if isinstance(raw, (str, bytes)):
        with _of_a_key():
            native = _from_text(raw, password)
        return _of_type(native, options)
    return _of_type(_from_object(raw), options)


@contextmanager
def _of_a_key() -> Iterator[None]:
    """What can't be read is a key that is no key, which Authlib's users catch as `ValueError`."""
    try:
        yield
    except DecodeError as problem:
        raise InvalidKeyError(description=problem.description) from None


def _is_known(name: str) -> bool:
    # Certificates are not looked at; a key is what its numbers say.
    return not name.startswith("x5")


def _of_type(native: _core.Key, options: Mapping[str, Any]) -> Key:
    return JsonWebKey.JWK_KEY_CLS.get(native.kty, AsymmetricKey)(native, options)


def _from_text(raw: str | bytes, password: bytes | None) -> _core.Key:
    if isinstance(raw, bytes):
        if raw[:1] == b"0":
            return _core.Key.from_der(raw, password)
        try:
            raw = raw.decode()
        except UnicodeDecodeError:
            raise InvalidKeyError(description="a key is a JWK, PEM, DER or a line of OpenSSH") from None
    text = raw.strip()
    if text.startswith("{"):
        return _core.Key.from_jwk(complete(_core.read_object(text)))
    if text.startswith(("ssh-", "ecdsa-")):
        return _core.Key.from_openssh(text)
    return _core.Key.from_pem(raw, password)


def _from_object(raw: Any) -> _core.Key:
    """An object of `cryptography`, `joserfc` or Authlib."""
    if hasattr(raw, "private_bytes"):
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return _core.Key.from_der(raw.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    if hasattr(raw, "public_bytes"):
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        # A certificate has no form to choose.
        if hasattr(raw, "public_key"):
            raw = raw.public_key()
        return _core.Key.from_der(raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    if hasattr(raw, "as_dict"):
        is_public = getattr(raw, "public_only", None)
        if is_public is None:
            is_public = not getattr(raw, "is_private", False)
        try:
            return _core.Key.from_jwk(raw.as_dict(not is_public))
        except TypeError:
            return _core.Key.from_jwk(raw.as_dict(private=not is_public))
    raise InvalidKeyError(description=f"a value of the type {type(raw).__name__} is no key")


@lru_cache(maxsize=64)
def _remembered(raw: str | bytes) -> _core.Key | _core.KeySet:
    """A key in text as it is given to `encode` and `decode`, read once: a key file or a JWK is what it is, anything else a secret."""
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    stripped = text.strip()
    if stripped.startswith("{") and '"keys"' in stripped:
        return JsonWebKey.import_key_set(raw)._native
    if stripped.startswith(("{", "ssh-", "ecdsa-")) or "-----BEGIN" in text:
        with _of_a_key():
            return _from_text(raw, None)
    return _core.Key.from_secret(raw.encode() if isinstance(raw, str) else raw)


def native(key: AnyKey) -> _core.Key | _core.KeySet:
    """The core's key for whatever a caller may name as a key; not for a function that finds it."""
    if isinstance(key, (Key, KeySet)):
        return key._native
    if isinstance(key, (str, bytes)):
        # What a subclass calls equal need not be the same secret.
        return _remembered(key) if type(key) in (str, bytes) else _remembered.__wrapped__(key)
    if isinstance(key, Mapping) and "keys" in key or isinstance(key, (list, tuple)):
        return JsonWebKey.import_key_set(key)._native
    keys = getattr(key, "keys", None)
    if isinstance(keys, list):
        return JsonWebKey.import_key_set(keys)._native
    return Key.import_key(key)._native  # type: ignore[no-any-return]


#: To ask what is wrong with a message, whoever it is for.
NO_KEYS = _core.KeySet([])
_Core = Callable[[_core.Key | _core.KeySet], Any]


def key_or_problem(key: AnyKey, attempt: _Core) -> _core.Key | _core.KeySet:
    """The core's key to read a message with. Where it is none, what is wrong with the message comes first."""
    try:
        return native(key)
    except JoseError:
        try:
            attempt(NO_KEYS)
        except (KeyNotFoundError, KeyMismatchError):
            pass
        raise


def explained(mismatch: KeyMismatchError, key: AnyKey, operation: str) -> JoseError:
    """Why a key does not do something: because it says itself that it is for something else, or for another reason."""
    use = key.options.get("use") if isinstance(key, Key) else key.get("use") if isinstance(key, Mapping) else None
    wanted = "sig" if operation in ("sign", "verify") else "enc"
    return mismatch if use in (None, wanted) else InvalidUseError()
