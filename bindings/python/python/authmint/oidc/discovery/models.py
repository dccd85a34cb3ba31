"""Metadata of OpenID providers (OpenID Connect Discovery 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...oauth2.metadata import array, boolean, https, languages
from ...oauth2.rfc8414.models import KEYS_FOR_PEOPLE, SHARED_KEYS, AuthorizationServerMetadata


class OpenIDProviderMetadata(AuthorizationServerMetadata):
    """Metadata of an OpenID provider."""

    REGISTRY_KEYS: ClassVar[list[str]] = [
        *SHARED_KEYS,
        *KEYS_FOR_PEOPLE,
        "token_endpoint_auth_signing_alg_values_supported",
        "acr_values_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "id_token_encryption_alg_values_supported",
        "id_token_encryption_enc_values_supported",
        "userinfo_signing_alg_values_supported",
        "userinfo_encryption_alg_values_supported",
        "userinfo_encryption_enc_values_supported",
        "request_object_signing_alg_values_supported",
        "request_object_encryption_alg_values_supported",
        "request_object_encryption_enc_values_supported",
        "display_values_supported",
        "claim_types_supported",
        "claims_supported",
        "claims_locales_supported",
        "claims_parameter_supported",
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_request_uri_registration",
    ]
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **AuthorizationServerMetadata.DEFAULTS,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": False,
    }

    validate_jwks_uri = https("jwks_uri", is_required=True)
    validate_acr_values_supported = array("acr_values_supported")
    validate_subject_types_supported = array("subject_types_supported", is_required=True, among=("pairwise", "public"))
    validate_id_token_signing_alg_values_supported = array(
        "id_token_signing_alg_values_supported", is_required=True, includes="RS256"
    )
    validate_id_token_encryption_alg_values_supported = array("id_token_encryption_alg_values_supported")
    validate_id_token_encryption_enc_values_supported = array("id_token_encryption_enc_values_supported")
    validate_userinfo_signing_alg_values_supported = array("userinfo_signing_alg_values_supported")
    validate_userinfo_encryption_alg_values_supported = array("userinfo_encryption_alg_values_supported")
    validate_userinfo_encryption_enc_values_supported = array("userinfo_encryption_enc_values_supported")
    validate_request_object_signing_alg_values_supported = array("request_object_signing_alg_values_supported")
    validate_request_object_encryption_alg_values_supported = array("request_object_encryption_alg_values_supported")
    validate_request_object_encryption_enc_values_supported = array("request_object_encryption_enc_values_supported")
    validate_display_values_supported = array("display_values_supported", among=("page", "popup", "touch", "wap"))
    validate_claim_types_supported = array("claim_types_supported", among=("normal", "aggregated", "distributed"))
    validate_claims_supported = array("claims_supported")
    validate_claims_locales_supported = languages("claims_locales_supported")
    validate_claims_parameter_supported = boolean("claims_parameter_supported")
    validate_request_parameter_supported = boolean("request_parameter_supported")
    validate_request_uri_parameter_supported = boolean("request_uri_parameter_supported")
    validate_require_request_uri_registration = boolean("require_request_uri_registration")
    validate_prompt_values_supported = array(
        "prompt_values_supported", among=("none", "login", "consent", "select_account", "create")
    )


__all__ = ["OpenIDProviderMetadata"]
