"""How a request carries a bearer token (RFC 6750 2)."""

from __future__ import annotations

from collections.abc import MutableMapping

from ... import _core
from .. import auth


def add_to_uri(token: str, uri: str) -> str:
    """In the address, where logs and histories keep it: for APIs that know nothing else."""
    return _core.add_params(uri, [("access_token", token)])


def add_to_headers(token: str, headers: MutableMapping[str, str] | None = None) -> MutableMapping[str, str]:
    """In the header, as it should be."""
    headers = {} if headers is None else headers
    headers["Authorization"] = f"Bearer {token}"
    return headers


def add_to_body(token: str, body: str | None = None) -> str:
    """In the form."""
    return auth.add_to_body(body or "", [("access_token", token)])


def add_bearer_token(
    token: str, uri: str, headers: MutableMapping[str, str], body: str | None, placement: str = "header"
) -> tuple[str, MutableMapping[str, str], str | None]:
    """The request with the token: in the `header`, the `uri` or the `body`."""
    if placement in ("uri", "url", "query"):
        return add_to_uri(token, uri), headers, body
    if placement in ("header", "headers"):
        return uri, add_to_headers(token, headers), body
    if placement == "body":
        return uri, headers, add_to_body(token, body)
    raise ValueError(f"a token is placed in the header, the uri or the body, not in {placement!r}")


__all__ = ["add_bearer_token", "add_to_body", "add_to_headers", "add_to_uri"]
