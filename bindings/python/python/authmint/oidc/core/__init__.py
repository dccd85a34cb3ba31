"""OpenID Connect Core: ID tokens, and what is known of a person."""

from .claims import (
    CodeIDToken,
    HybridIDToken,
    IDToken,
    ImplicitIDToken,
    UserInfo,
    get_claim_cls_by_response_type,
)

__all__ = [
    "CodeIDToken",
    "HybridIDToken",
    "IDToken",
    "ImplicitIDToken",
    "UserInfo",
    "get_claim_cls_by_response_type",
]
