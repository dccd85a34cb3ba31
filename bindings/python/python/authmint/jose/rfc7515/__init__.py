"""JWS by the names that users of Authlib know."""

from ..signatures import JsonWebSignature, JWSHeader, JWSObject

__all__ = ["JWSHeader", "JWSObject", "JsonWebSignature"]
