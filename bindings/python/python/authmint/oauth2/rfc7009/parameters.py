"""The parameters of a revocation (RFC 7009 2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from ..auth import add_to_body


def prepare_revoke_token_request(
    token: str, token_type_hint: str | None = None, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """The body and the headers of a request that revokes a token."""
    pairs = [("token", token), *([("token_type_hint", token_type_hint)] if token_type_hint else [])]
    return add_to_body(body or "", pairs), {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}


__all__ = ["prepare_revoke_token_request"]
