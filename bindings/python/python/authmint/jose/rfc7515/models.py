"""Headers and messages of JWS."""

from ..signatures import JWSHeader, JWSObject

__all__ = ["JWSHeader", "JWSObject"]
