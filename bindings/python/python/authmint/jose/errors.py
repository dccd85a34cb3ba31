"""Every way in which a key, a token or a message is refused.

No error holds a token, a key or the value of a claim. Those that Authlib raises as `ValueError` are that here, too.
"""

from __future__ import annotations

from typing import Any

from ..common.errors import AuthmintBaseError


class JoseError(AuthmintBaseError):
    """The base of all errors of JOSE."""


class DecodeError(JoseError):
    """The text is not of the form it should have."""

    error = "decode_error"


class ExceededSizeError(DecodeError, ValueError):
    """Longer, or with more parts or iterations, than what is looked at."""

    error = "exceeded_size"


class MissingAlgorithmError(JoseError):
    """The header has no `alg`."""

    error = "missing_algorithm"


class UnsupportedAlgorithmError(JoseError):
    """The algorithm is unknown, or not one that the caller allows."""

    error = "unsupported_algorithm"


class BadSignatureError(JoseError):
    """The signature is not this key's."""

    error = "bad_signature"

    def __init__(self, result: object = None, description: str | None = None) -> None:
        super().__init__(description=description)
        self.result = result


class InvalidHeaderParameterNameError(JoseError):
    """The header has a parameter that is not registered."""

    error = "invalid_header_parameter_name"

    def __init__(self, name: str, description: str | None = None) -> None:
        super().__init__(description=description or f"Invalid Header Parameter Name: {name}")


class InvalidCritHeaderParameterNameError(InvalidHeaderParameterNameError):
    """The header asks for an extension that is not understood, or misuses `crit` (RFC 7515 4.1.11)."""

    error = "invalid_crit_header_parameter_name"

    def __init__(self, name: str | None = None, description: str | None = None) -> None:
        super().__init__(str(name), description)


class InvalidEncryptionAlgorithmForECDH1PUWithKeyWrappingError(JoseError):
    """ECDH-1PU wraps keys for content encryption with CBC and HMAC only."""

    error = "invalid_encryption_algorithm_for_ECDH_1PU_with_key_wrapping"

    def __init__(self) -> None:
        super().__init__(description="With ECDH-1PU+A*KW the content encryption must be A*CBC-HS*")


class InvalidAlgorithmForMultipleRecipientsMode(JoseError):
    """The algorithm decides the content's key itself, so a message has one recipient."""

    error = "invalid_algorithm_for_multiple_recipients_mode"

    def __init__(self, alg: str) -> None:
        super().__init__(description=f"{alg} algorithm cannot be used in multiple recipients mode")


class KeyMismatchError(JoseError, ValueError):
    """The key is not for this algorithm or this use."""

    error = "key_mismatch_error"
    description = "Key does not match to any recipient"


class KeyNotFoundError(JoseError, ValueError):
    """No key has the `kid` of the token; keys that were fetched should be fetched again."""

    error = "key_not_found"
    description = "Key not found"


class InvalidKeyError(JoseError, ValueError):
    """The key can't be read, or is not what it should be."""

    error = "invalid_key"


class WeakKeyError(InvalidKeyError):
    """An HMAC secret that is shorter than the hash, an RSA key under 2048 bits, and the like (RFC 7518 3)."""

    error = "weak_key"


class DecryptionError(JoseError, ValueError):
    """The message can't be decrypted. It does not say why, so that nobody learns from it."""

    error = "decryption_error"
    description = "Decryption failed"


class MissingEncryptionAlgorithmError(JoseError):
    """The header has no `enc`."""

    error = "missing_encryption_algorithm"
    description = "Missing 'enc' in header"


class UnsupportedEncryptionAlgorithmError(JoseError):
    """The content encryption is unknown, or not one that the caller allows."""

    error = "unsupported_encryption_algorithm"
    description = "Unsupported 'enc' value in header"


class UnsupportedCompressionAlgorithmError(JoseError):
    """`zip` is not `DEF`."""

    error = "unsupported_compression_algorithm"
    description = "Unsupported 'zip' value in header"


class InvalidUseError(JoseError):
    """`use` of the key says that it is for something else."""

    error = "invalid_use"
    description = "Key 'use' is not valid for your usage"


class PolicyError(JoseError, ValueError):
    """The policy does not say what it must."""

    error = "policy_error"


class InvalidTokenError(JoseError):
    """The token is not valid yet, or any more, or not at all."""

    error = "invalid_token"
    description = "The token is not valid yet"


class InvalidTypeError(InvalidTokenError):
    """The `typ` says that it is another kind of token (RFC 8725 3.11)."""

    error = "invalid_type"


class ExpiredTokenError(JoseError):
    """`exp` has passed."""

    error = "expired_token"
    description = "The token is expired"


class InvalidClaimsError(JoseError):
    """The claims are not what they should be: the base of the errors about one of them."""

    error = "invalid_claims"


class InvalidClaimError(InvalidClaimsError):
    """A claim has another value or type than it should."""

    error = "invalid_claim"

    def __init__(self, claim: str, description: str | None = None) -> None:
        self.claim_name = claim
        super().__init__(description=description or f"Invalid claim {claim!r}")


class MissingClaimError(InvalidClaimsError):
    """A claim is not there that must be."""

    error = "missing_claim"

    def __init__(self, claim: str, description: str | None = None) -> None:
        self.claim_name = claim
        super().__init__(description=description or f"Missing {claim!r} claim")


class InsecureClaimError(JoseError):
    """A claim looks like a secret, which everybody who sees the token can read."""

    error = "insecure_claim"

    def __init__(self, claim: str, description: str | None = None) -> None:
        self.claim_name = claim
        super().__init__(description=description or f"Insecure claim {claim!r}")


def make(name: str, about: str | None, description: str) -> JoseError:
    """An error by its name: what the core raises."""
    kind: Any = globals()[name]
    arguments = () if about is None else (about,)
    made: JoseError = kind(*arguments, description=description or None)
    return made
