"""What servers publish of themselves, and what of it is refused."""

from __future__ import annotations

import pytest

from authmint.oauth2.metadata import Metadata, array
from authmint.oauth2.rfc8414 import AuthorizationServerMetadata
from authmint.oauth2.rfc9728 import ProtectedResourceMetadata, get_well_known_url
from authmint.oidc.core import UserInfo
from authmint.oidc.discovery import OpenIDProviderMetadata

SERVER = {
    "issuer": "https://op.example",
    "authorization_endpoint": "https://op.example/authorize",
    "token_endpoint": "https://op.example/token",
    "jwks_uri": "https://op.example/jwks",
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code"],
    "ui_locales_supported": ["de", "zh-Hans-CN", "x-own"],
    "service_documentation": "https://op.example/docs",
}
PROVIDER = {
    **SERVER,
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    "claims_parameter_supported": True,
}
API = {
    "resource": "https://api.example",
    "authorization_servers": ["https://op.example"],
    "bearer_methods_supported": ["header"],
    "resource_name": "An API",
    "resource_name#fr": "Une API",
    "resource_documentation#fr": "https://api.example/fr",
    "resource_signing_alg_values_supported": ["ES256"],
    "dpop_bound_access_tokens_required": True,
}


@pytest.mark.parametrize(
    ("kind", "good"),
    [(AuthorizationServerMetadata, SERVER), (OpenIDProviderMetadata, PROVIDER), (ProtectedResourceMetadata, API)],
)
def test_metadata_that_is_right(kind, good):
    kind(good).validate()
    assert all(callable(getattr(kind(good), f"validate_{name}")) for name in kind.REGISTRY_KEYS)


@pytest.mark.parametrize(
    ("kind", "good", "changed", "problem"),
    [
        *(
            (AuthorizationServerMetadata, SERVER, changed, problem)
            for changed, problem in [
                ({"issuer": None}, '"issuer" is required'),
                ({"issuer": "http://op.example"}, "https"),
                ({"issuer": "https://op.example/?a=b"}, "query or fragment"),
                ({"issuer": "https://op.example/#a"}, "query or fragment"),
                ({"authorization_endpoint": None}, "is required"),
                ({"token_endpoint": None}, "is required"),
                ({"token_endpoint": "http://op.example/token"}, "https"),
                ({"jwks_uri": 7}, "https"),
                ({"response_types_supported": None}, "is required"),
                ({"scopes_supported": "openid"}, "JSON array"),
                ({"service_documentation": "docs"}, "MUST be a URL"),
                ({"ui_locales_supported": ["de_AT"]}, "BCP 47"),
                ({"ui_locales_supported": ["toolongsubtag"]}, "BCP 47"),
                ({"ui_locales_supported": [7]}, "BCP 47"),
                ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "is required with private_key_jwt"),
                ({"revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "none"]}, "none"),
                ({"introspection_endpoint_auth_signing_alg_values_supported": "RS256"}, "JSON array"),
            ]
        ),
        *(
            (OpenIDProviderMetadata, PROVIDER, changed, problem)
            for changed, problem in [
                ({"jwks_uri": None}, '"jwks_uri" is required'),
                ({"subject_types_supported": ["other"]}, "contains invalid values"),
                ({"subject_types_supported": [{}]}, "contains invalid values"),
                ({"id_token_signing_alg_values_supported": ["ES256"]}, "RS256"),
                ({"id_token_signing_alg_values_supported": None}, "is required"),
                ({"display_values_supported": ["hologram"]}, "contains invalid values"),
                ({"claims_locales_supported": ["fr_FR"]}, "BCP 47"),
                ({"request_uri_parameter_supported": "yes"}, "MUST be boolean"),
            ]
        ),
        *(
            (ProtectedResourceMetadata, API, changed, problem)
            for changed, problem in [
                ({"resource": None}, '"resource" is required'),
                ({"resource": "https://api.example/#a"}, "fragment"),
                ({"bearer_methods_supported": ["cookie"]}, "method"),
                ({"resource_name#de": 7}, "MUST be a string"),
                ({"resource_tos_uri#de": "//x"}, "MUST be a URL"),
                ({"resource_signing_alg_values_supported": ["none"]}, "none"),
                ({"dpop_bound_access_tokens_required": 1}, "a boolean"),
            ]
        ),
    ],
)
def test_metadata_that_is_wrong(kind, good, changed, problem):
    wrong = {name: value for name, value in {**good, **changed}.items() if value is not None}
    with pytest.raises(ValueError, match=problem):
        kind(wrong).validate()


def test_members_are_attributes():
    server, provider, api = AuthorizationServerMetadata(SERVER), OpenIDProviderMetadata(), ProtectedResourceMetadata()
    assert server.issuer == "https://op.example" and server.registration_endpoint is None
    assert provider.grant_types_supported == ["authorization_code", "implicit"] and provider.claim_types_supported == ["normal"]
    assert provider.request_uri_parameter_supported is True and provider.request_parameter_supported is False
    assert api.dpop_bound_access_tokens_required is False
    with pytest.raises(AttributeError):
        api.nothing  # noqa: B018


def test_an_extension_has_a_class_of_its_own():
    class Extension(Metadata):
        REGISTRY_KEYS = ["colours_supported"]
        validate_colours_supported = array("colours_supported")

    AuthorizationServerMetadata(SERVER).validate(metadata_classes=[Extension])
    with pytest.raises(ValueError, match="colours_supported"):
        AuthorizationServerMetadata({**SERVER, "colours_supported": "red"}).validate([Extension])

    class Ours(OpenIDProviderMetadata):
        def validate_jwks_uri(self):
            super().validate_jwks_uri()
            assert self.jwks_uri.endswith("/jwks")

    Ours(PROVIDER).validate()
    with pytest.raises(AssertionError):
        Ours({**PROVIDER, "jwks_uri": "https://op.example/keys"}).validate()


def test_where_the_metadata_of_an_api_is():
    assert get_well_known_url("https://api.example/v1") == "/.well-known/oauth-protected-resource/v1"
    assert get_well_known_url("https://api.example", external=True) == "https://api.example/.well-known/oauth-protected-resource"


def test_the_language_of_a_person():
    UserInfo({"locale": "de-AT"}).validate_locale()
    UserInfo().validate_locale()
    with pytest.raises(ValueError, match="BCP 47"):
        UserInfo({"locale": "de_AT"}).validate_locale()


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_endpoint_auth_methods_supported": [["private_key_jwt"]]},
        {"token_endpoint_auth_signing_alg_values_supported": ["None"]},
        {"token_endpoint_auth_signing_alg_values_supported": ["ES256", "NONE"]},
    ],
)
def test_s01_s47_what_a_server_publishes_is_wrong_in_any_form(wrong):
    metadata = AuthorizationServerMetadata(SERVER)
    metadata.validate()
    metadata.update(wrong)
    with pytest.raises(ValueError, match="MUST"):
        metadata.validate()
