"""How a request carries a bearer token (RFC 6750 2)."""

from __future__ import annotations

from typing import Any

from ... import _core
from ..auth import add_to_body


def add_bearer_token(
    token: str, uri: str, headers: Any, body: str | None, placement: str = "header"
) -> tuple[str, Any, str | None]:
    """Address, headers and body of a request, with the token in one of them."""
    if placement in ("uri", "url", "query"):
        return _core.add_params(uri, [("access_token", token)]), headers, body
    if placement == "body":
        return uri, headers, add_to_body(body or "", [("access_token", token)])
    headers = {} if headers is None else headers
    headers["Authorization"] = f"Bearer {token}"
    return uri, headers, body


__all__ = ["add_bearer_token"]
