"""Scopes, random text, and credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ...common.security import generate_token
from ..scope import list_to_scope, scope_to_list


def extract_basic_authorization(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Name and secret of a request with HTTP Basic; nothing where there are none."""
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return name, secret if colon else None


__all__ = ["extract_basic_authorization", "generate_token", "list_to_scope", "scope_to_list"]
