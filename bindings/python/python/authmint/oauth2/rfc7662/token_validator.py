"""Tokens that the issuer is asked about."""

from . import IntrospectTokenValidator

__all__ = ["IntrospectTokenValidator"]
