"""Metadata of protected APIs (RFC 9728 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..metadata import Metadata, address, array, boolean, https, signatures, text


class ProtectedResourceMetadata(Metadata):
    """Metadata of an API."""

    REGISTRY_KEYS: ClassVar[list[str]] = [
        "resource",
        "authorization_servers",
        "jwks_uri",
        "scopes_supported",
        "bearer_methods_supported",
        "resource_signing_alg_values_supported",
        "resource_name",
        "resource_documentation",
        "resource_policy_uri",
        "resource_tos_uri",
        "tls_client_certificate_bound_access_tokens",
        "authorization_details_types_supported",
        "dpop_signing_alg_values_supported",
        "dpop_bound_access_tokens_required",
    ]
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "tls_client_certificate_bound_access_tokens": False,
        "dpop_bound_access_tokens_required": False,
    }

    def validate_resource(self) -> None:
        """An address of https, without a fragment."""
        https("resource", is_required=True)(self)
        if urlsplit(self["resource"]).fragment:
            raise ValueError('"resource" has no fragment')

    def validate_bearer_methods_supported(self) -> None:
        """In the header, the body or the query."""
        array("bearer_methods_supported")(self)
        unknown = [method for method in self.get("bearer_methods_supported") or () if method not in ("header", "body", "query")]
        if unknown:
            raise ValueError(f'"bearer_methods_supported" has a method that is not known: {unknown[0]!r}')

    validate_authorization_servers = array("authorization_servers")
    validate_jwks_uri = https("jwks_uri")
    validate_scopes_supported = array("scopes_supported")
    validate_resource_signing_alg_values_supported = signatures("resource_signing_alg_values_supported")
    validate_resource_name = text("resource_name", is_translated=True)
    validate_resource_documentation = address("resource_documentation", is_translated=True)
    validate_resource_policy_uri = address("resource_policy_uri", is_translated=True)
    validate_resource_tos_uri = address("resource_tos_uri", is_translated=True)
    validate_tls_client_certificate_bound_access_tokens = boolean("tls_client_certificate_bound_access_tokens")
    validate_authorization_details_types_supported = array("authorization_details_types_supported")
    validate_dpop_signing_alg_values_supported = signatures("dpop_signing_alg_values_supported")
    validate_dpop_bound_access_tokens_required = boolean("dpop_bound_access_tokens_required")


__all__ = ["ProtectedResourceMetadata"]
