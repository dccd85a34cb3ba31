"""Assertions, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..assertion import sign_jwt_bearer_assertion


def client_secret_jwt_sign(
    client_secret: Any,
    client_id: str,
    token_endpoint: str,
    alg: str = "HS256",
    claims: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> bytes:
    """An assertion of a client that is signed with its secret."""
    return sign_jwt_bearer_assertion(client_secret, client_id, token_endpoint, client_id, claims=claims, alg=alg, **kwargs)


def private_key_jwt_sign(
    private_key: Any,
    client_id: str,
    token_endpoint: str,
    alg: str = "RS256",
    claims: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> bytes:
    """An assertion of a client that is signed with its key."""
    return sign_jwt_bearer_assertion(private_key, client_id, token_endpoint, client_id, claims=claims, alg=alg, **kwargs)


__all__ = ["client_secret_jwt_sign", "private_key_jwt_sign", "sign_jwt_bearer_assertion"]
