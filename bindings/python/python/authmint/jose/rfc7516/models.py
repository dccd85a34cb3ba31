"""Headers of JWE."""

from ..encryption import JWEHeader, JWESharedHeader

__all__ = ["JWEHeader", "JWESharedHeader"]
