"""JOSE: keys, signatures, encryption, tokens.

Two ways in. `verify` asks all of a token at once, by a policy, and is what new code uses::

    claims = authmint.jose.verify(token, keys, Policy(["ES256"], issuer="https://login.example", audience="api"))

`jwt`, `JsonWebSignature`, `JsonWebEncryption` and `JsonWebKey` have the names and the behaviour that users of Authlib know.
"""

from .claims import BaseClaims, JWTClaims
from .encryption import JsonWebEncryption
from .errors import JoseError
from .keys import AsymmetricKey, ECKey, JsonWebKey, Key, KeySet, OctKey, OKPKey, RSAKey
from .signatures import JsonWebSignature, JWSHeader, JWSObject
from .tokens import JsonWebToken, jwt
from .verify import Policy, sign, verify

__all__ = [
    "AsymmetricKey",
    "BaseClaims",
    "ECKey",
    "JWSHeader",
    "JWSObject",
    "JWTClaims",
    "JoseError",
    "JsonWebEncryption",
    "JsonWebKey",
    "JsonWebSignature",
    "JsonWebToken",
    "Key",
    "KeySet",
    "OKPKey",
    "OctKey",
    "Policy",
    "RSAKey",
    "jwt",
    "sign",
    "verify",
]
