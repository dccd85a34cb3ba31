"""What the tests share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from authmint.jose import JsonWebKey, Key, OctKey

SECRET = "a secret that is long enough for every hash: 64 bytes, and more than that"

KINDS = {
    "HS256": ("oct", 512),
    "HS384": ("oct", 512),
    "HS512": ("oct", 512),
    "RS256": ("RSA", 2048),
    "RS384": ("RSA", 2048),
    "RS512": ("RSA", 2048),
    "PS256": ("RSA", 2048),
    "PS384": ("RSA", 2048),
    "PS512": ("RSA", 2048),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "ES256K": ("EC", "secp256k1"),
    "EdDSA": ("OKP", "Ed25519"),
}
_made: dict[tuple[str, str | int], Key] = {}


def key_for(algorithm: str) -> Key:
    """A private key for an algorithm, made once."""
    kind = KINDS[algorithm]
    if kind not in _made:
        _made[kind] = JsonWebKey.generate_key(*kind, is_private=True)
    return _made[kind]


@pytest.fixture
def secret() -> OctKey:
    return OctKey.import_key(SECRET)


@pytest.fixture
def claims() -> dict[str, object]:
    now = int(time.time())
    return {"iss": "https://login.example", "aud": "api", "sub": "user-17", "iat": now, "exp": now + 600}


@pytest.fixture
def issuer() -> Iterator[Any]:
    from issuer import Issuer

    made = Issuer()
    yield made
    made.close()


@pytest.fixture(params=["flask", "django", "starlette", "fastapi"])
def make(request, issuer) -> Any:
    """Makes an API of each framework, and answers with a function that asks it."""
    from apis import APIS
    from authmint.resource import ResourceServer
    from issuer import API

    return lambda **kwargs: APIS[request.param](ResourceServer(issuer.url, API, **kwargs))
