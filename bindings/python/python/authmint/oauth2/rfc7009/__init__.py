"""Revocation of tokens (RFC 7009). Clients have `revoke_token`."""

from .parameters import prepare_revoke_token_request

__all__ = ["prepare_revoke_token_request"]
