"""The request that ends a token (RFC 7009 2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from ...common.urls import add_params_to_qs


def prepare_revoke_token_request(
    token: str, token_type_hint: str | None = None, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """Body and headers of the request."""
    pairs = [("token", token), *([("token_type_hint", token_type_hint)] if token_type_hint else [])]
    return add_params_to_qs(body or "", pairs), {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}


__all__ = ["prepare_revoke_token_request"]
