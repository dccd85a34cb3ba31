"""What the package does in Rust; for the package alone."""

from collections.abc import Callable, Mapping
from typing import Any

__version__: str

class Algorithms:
    names: list[str]
    signatures: list[str]
    managements: list[str]
    encryptions: list[str]
    def __init__(self, names: list[str] | None = None) -> None: ...

class Key:
    kty: str
    crv: str | None
    kid: str | None
    alg: str | None
    key_use: str | None
    is_private: bool
    @staticmethod
    def from_jwk(jwk: Mapping[str, Any] | str | bytes) -> Key: ...
    @staticmethod
    def from_pem(pem: str, password: bytes | None = None) -> Key: ...
    @staticmethod
    def from_der(der: bytes, password: bytes | None = None) -> Key: ...
    @staticmethod
    def from_openssh(line: str) -> Key: ...
    @staticmethod
    def from_secret(secret: bytes) -> Key: ...
    def taking_short_secret(self) -> Key: ...
    @staticmethod
    def generate(kty: str, crv: str | None = None, bits: int | None = None) -> Key: ...
    def public(self) -> Key: ...
    def to_dict(self, private: bool) -> dict[str, Any]: ...
    def to_pem(self, private: bool, password: bytes | None = None) -> bytes: ...
    def to_der(self, private: bool) -> bytes: ...
    def to_openssh(self, comment: str) -> str: ...
    def thumbprint(self) -> str: ...
    def thumbprint_uri(self) -> str: ...

class KeySet:
    def __init__(self, keys: list[Key]) -> None: ...
    def __len__(self) -> int: ...

class Policy:
    def __init__(
        self,
        algorithms: list[str],
        *,
        typ: str | None,
        issuer: str | None,
        audience: str | None,
        subject: str | None = None,
        required: list[str] = ...,
        forbidden: list[str] = ...,
        leeway: int | None = None,
        max_age: int | None = None,
        max_lifetime: int | None = None,
        accept_expired: bool = False,
    ) -> None: ...

def sign(header: dict[str, Any], payload: bytes, key: Key | KeySet, algorithms: Algorithms, detached: bool = False) -> bytes: ...
def sign_json(
    signers: list[tuple[dict[str, Any] | None, dict[str, Any] | None, Key | KeySet]],
    payload: bytes,
    algorithms: Algorithms,
    flattened: bool,
    detached: bool = False,
) -> dict[str, Any]: ...
def peek(token: str | bytes) -> tuple[dict[str, Any], bytes]: ...
def verify(
    token: str | bytes,
    key: Key | KeySet,
    algorithms: Algorithms,
    understood: list[str] = ...,
    payload: bytes | None = None,
) -> tuple[dict[str, Any], bytes]: ...
def verify_json(
    message: dict[str, Any],
    key: Key | KeySet,
    algorithms: Algorithms,
    understood: list[str] = ...,
    payload: bytes | None = None,
) -> tuple[bytes, list[tuple[dict[str, Any], dict[str, Any]]]]: ...
def encrypt(
    header: dict[str, Any],
    plaintext: bytes,
    key: Key | KeySet,
    algorithms: Algorithms,
    sender: Key | KeySet | None = None,
) -> bytes: ...
def encrypt_json(
    protected: dict[str, Any],
    unprotected: dict[str, Any] | None,
    recipients: list[tuple[dict[str, Any] | None, Key | KeySet]],
    plaintext: bytes,
    algorithms: Algorithms,
    flattened: bool,
    aad: bytes | None = None,
    sender: Key | KeySet | None = None,
) -> dict[str, Any]: ...
def decrypt(
    message: str | bytes,
    key: Key | KeySet,
    algorithms: Algorithms,
    understood: list[str] = ...,
    sender: Key | KeySet | None = None,
) -> tuple[dict[str, Any], bytes]: ...
def decrypt_json(
    message: dict[str, Any],
    key: Key | KeySet,
    algorithms: Algorithms,
    understood: list[str] = ...,
    sender: Key | KeySet | None = None,
) -> tuple[dict[str, Any], bytes, bytes | None]: ...
def encode_jwt(
    header: dict[str, Any], claims: dict[str, Any], key: Key | KeySet, algorithms: Algorithms, check: bool
) -> bytes: ...
def decode_jwt(token: str | bytes, key: Key | KeySet, algorithms: Algorithms) -> tuple[dict[str, Any], dict[str, Any]]: ...
def verify_jwt(
    token: str | bytes, key: Key | KeySet, policy: Policy, now: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]: ...
def claims_json(claims: dict[str, Any], check: bool) -> str: ...
def read_object(text: str | bytes) -> dict[str, Any]: ...
def base64url_decode(text: str | bytes) -> bytes: ...
def random_token() -> str: ...
def s256_challenge(verifier: str) -> str: ...
def constant_time_eq(one: str, other: str) -> bool: ...
def form(pairs: list[tuple[str, str]]) -> str: ...
def add_params(uri: str, pairs: list[tuple[str, str]]) -> str: ...
def read_callback(
    uri: str, state: str | None = None, issuer: str | None = None, sends_issuer: bool = False
) -> list[tuple[str, str]]: ...
def basic_credentials(client_id: str, client_secret: str) -> str: ...
def client_assertion(key: Key, algorithm: str, client_id: str, audience: str) -> str: ...
def dpop_proof(
    key: Key, algorithm: str, method: str, uri: str, access_token: str | None = None, nonce: str | None = None
) -> str: ...
def fits_half_hash(algorithm: str, hash: str, value: str) -> bool: ...
def half_hash(algorithm: str, value: str) -> str | None: ...

_Said = tuple[dict[str, Any] | None, tuple[int, list[tuple[str, str]], bytes, str, str] | None]
_Carries = Callable[[str, str, list[tuple[str, str]], bytes], tuple[int, list[tuple[str, str]], bytes]]

class Api:
    def __new__(
        cls,
        settings: dict[str, Any],
        transport: _Carries,
        keys: KeySet | None = None,
        use_once: Callable[[str, int], bool] | None = None,
    ) -> Api: ...
    def authorize(self, method: str, uri: str, headers: list[tuple[str, str]], demands: Demands) -> _Said: ...
    def begin(
        self, method: str, uri: str, headers: list[tuple[str, str]], demands: Demands
    ) -> tuple[_Said | None, Pending | None]: ...
    def metadata(self) -> tuple[str, bytes] | None: ...
    def next_nonce(self) -> str | None: ...

class Pending:
    fetches: bool
    def wait(self) -> _Said: ...

class Demands:
    def __new__(
        cls,
        scopes: list[str] = ...,
        *,
        acr_values: list[str] | None = None,
        max_age: int | None = None,
        bound_token: bool = False,
    ) -> Demands: ...
