"""JWS."""

from ..signatures import JsonWebSignature

__all__ = ["JsonWebSignature"]
