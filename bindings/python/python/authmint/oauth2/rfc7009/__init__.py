"""Revoking tokens (RFC 7009): what a program sends that does it itself."""

from .parameters import prepare_revoke_token_request

__all__ = ["prepare_revoke_token_request"]
