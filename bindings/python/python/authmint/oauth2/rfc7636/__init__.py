"""PKCE (RFC 7636)."""

from .challenge import create_s256_code_challenge

__all__ = ["create_s256_code_challenge"]
