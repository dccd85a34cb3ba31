"""Metadata of authorization servers (RFC 8414 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..metadata import Metadata, address, array, https, languages, signatures

_BASIC = ["client_secret_basic"]
#: What providers of OpenID Connect publish, too; and of it what is for people.
SHARED_KEYS = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "registration_endpoint",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "token_endpoint_auth_methods_supported",
]
KEYS_FOR_PEOPLE = ["service_documentation", "ui_locales_supported", "op_policy_uri", "op_tos_uri"]


class AuthorizationServerMetadata(Metadata):
    """Metadata of an authorization server."""

    REGISTRY_KEYS: ClassVar[list[str]] = [
        *SHARED_KEYS,
        "token_endpoint_auth_signing_alg_values_supported",
        *KEYS_FOR_PEOPLE,
        "revocation_endpoint",
        "revocation_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint",
        "introspection_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
        "code_challenge_methods_supported",
    ]
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "implicit"],
        "token_endpoint_auth_methods_supported": _BASIC,
        "revocation_endpoint_auth_methods_supported": _BASIC,
        "introspection_endpoint_auth_methods_supported": _BASIC,
    }

    def validate_issuer(self) -> None:
        """An address of https, without query and fragment."""
        https("issuer", is_required=True)(self)
        parts = urlsplit(self["issuer"])
        if parts.query or parts.fragment:
            raise ValueError('"issuer" has no query or fragment')

    def validate_authorization_endpoint(self) -> None:
        """There where a grant needs it."""
        needs = not {"authorization_code", "implicit"}.isdisjoint(self.grant_types_supported)
        https("authorization_endpoint", is_required=needs)(self)

    def validate_token_endpoint(self) -> None:
        """There unless every token comes through the browser."""
        if self.get("grant_types_supported") != ["implicit"]:
            https("token_endpoint", is_required=True)(self)

    validate_jwks_uri = https("jwks_uri")
    validate_registration_endpoint = https("registration_endpoint")
    validate_scopes_supported = array("scopes_supported")
    validate_response_types_supported = array("response_types_supported", is_required=True)
    validate_response_modes_supported = array("response_modes_supported")
    validate_grant_types_supported = array("grant_types_supported")
    validate_token_endpoint_auth_methods_supported = array("token_endpoint_auth_methods_supported")
    validate_token_endpoint_auth_signing_alg_values_supported = signatures(
        "token_endpoint_auth_signing_alg_values_supported", "token_endpoint_auth_methods_supported"
    )
    validate_service_documentation = address("service_documentation")
    validate_ui_locales_supported = languages("ui_locales_supported")
    validate_op_policy_uri = address("op_policy_uri")
    validate_op_tos_uri = address("op_tos_uri")
    validate_revocation_endpoint = https("revocation_endpoint")
    validate_revocation_endpoint_auth_methods_supported = array("revocation_endpoint_auth_methods_supported")
    validate_revocation_endpoint_auth_signing_alg_values_supported = signatures(
        "revocation_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_methods_supported"
    )
    validate_introspection_endpoint = https("introspection_endpoint")
    validate_introspection_endpoint_auth_methods_supported = array("introspection_endpoint_auth_methods_supported")
    validate_introspection_endpoint_auth_signing_alg_values_supported = signatures(
        "introspection_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_methods_supported"
    )
    validate_code_challenge_methods_supported = array("code_challenge_methods_supported")


__all__ = ["AuthorizationServerMetadata"]
