"""What users of Authlib import by other names than those of the packages, and small functions."""

from __future__ import annotations

import importlib
import time

import pytest
from conftest import SECRET, key_for
from server import TOKEN, Answer, Server

from authmint import _core
from authmint.common.urls import add_params_to_qs, add_params_to_uri, extract_params, is_valid_url, url_decode, url_encode
from authmint.integrations.requests_client import OAuth2Session
from authmint.jose import JsonWebKey, jwt
from authmint.oauth2.rfc7523 import (
    ClientSecretJWT,
    JWTBearerTokenValidator,
    PrivateKeyJWT,
    client_secret_jwt_sign,
    private_key_jwt_sign,
    sign_jwt_bearer_assertion,
)
from authmint.oauth2.rfc7636 import create_s256_code_challenge
from authmint.oauth2.rfc8414 import get_well_known_url
from authmint.oidc.discovery import get_well_known_url as openid_url


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("oauth2.rfc6749.wrappers", ["OAuth2Token"]),
        ("oauth2.rfc6749", ["InvalidClientError", "MissingAuthorizationError", "TokenValidator", "InsecureTransportError"]),
        ("oauth2.rfc7521", ["AssertionClient"]),
        ("oauth2.rfc7662", ["IntrospectTokenValidator"]),
        ("oauth2.rfc6750", ["BearerTokenValidator", "InvalidTokenError", "InsufficientScopeError"]),
        ("integrations.flask_client.apps", ["FlaskOAuth2App"]),
        ("integrations.django_client.apps", ["DjangoOAuth2App"]),
        ("integrations.starlette_client.apps", ["StarletteOAuth2App"]),
        ("oidc.core", ["CodeIDToken", "UserInfo", "HybridIDToken", "ImplicitIDToken", "get_claim_cls_by_response_type"]),
    ],
)
def test_names(module, names):
    found = importlib.import_module(f"authmint.{module}")
    assert all(hasattr(found, name) for name in names)


def test_urls():
    assert url_encode([("a", "b c"), ("d", "&")]) == "a=b+c&d=%26" and url_decode("a=b+c&d") == [("a", "b c"), ("d", "")]
    assert add_params_to_qs("a=1", [("b", "2")]) == "a=1&b=2"
    assert add_params_to_uri("https://a.example/?a=1#x", [("b", "2")]) == "https://a.example/?a=1&b=2#x"
    assert add_params_to_uri("https://a.example/#a=1", [("b", "2")], fragment=True) == "https://a.example/#a=1&b=2"
    assert extract_params({"a": 1}) == [("a", "1")] == extract_params([("a", "1")]) == extract_params("a=1")
    assert extract_params("") is extract_params(7) is None
    assert is_valid_url("https://a.example/#x") and not is_valid_url("https://a.example/#x", fragments_allowed=False)
    assert not is_valid_url("a.example") and not is_valid_url("javascript:alert(1)")


def test_well_known():
    assert get_well_known_url("https://a.example/x/") == "/.well-known/oauth-authorization-server/x"
    assert get_well_known_url("https://a.example", external=True) == "https://a.example/.well-known/oauth-authorization-server"
    assert openid_url("https://a.example/x") == "/x/.well-known/openid-configuration"
    assert openid_url("https://a.example/x", external=True) == "https://a.example/x/.well-known/openid-configuration"
    # RFC 7636 B
    assert create_s256_code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_assertions_by_hand():
    key = key_for("RS256")
    made = private_key_jwt_sign(key, "app", "https://op.example/token", claims={"x": 1}, header={"kid": "k"}, expires_in=60)
    header, _ = _core.peek(made)
    claims = jwt.decode(made, key.as_dict())
    assert (claims["iss"], claims["sub"], claims["aud"], claims["x"]) == ("app", "app", "https://op.example/token", 1)
    assert header["kid"] == "k" and claims["exp"] - claims["iat"] == 60 and len(claims["jti"]) == 36
    assert jwt.decode(client_secret_jwt_sign(SECRET, "app", "https://op.example/token"), SECRET)["iss"] == "app"
    old = sign_jwt_bearer_assertion(key, "robot", "aud", issued_at=1000, expires_at=2000, alg="PS256")
    assert jwt.decode(old, key)["exp"] == 2000 and "sub" not in jwt.decode(old, key)
    with pytest.raises(ValueError, match="alg"):
        sign_jwt_bearer_assertion(key, "robot", "aud")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384", "EdDSA"])
def test_a_method_needs_no_more_than_its_name(algorithm):
    server = Server(lambda asked: Answer(dict(TOKEN)))
    key = key_for(algorithm)
    session = OAuth2Session("app", key, "private_key_jwt", issuer="https://op.example", token_endpoint=f"{server.url}/token")
    session.fetch_token(grant_type="client_credentials")
    assertion = server.asked[0].form["client_assertion"]
    assert _core.peek(assertion)[0]["alg"] == algorithm
    assert jwt.decode(assertion, key.as_dict())["aud"] == "https://op.example"
    secret = OAuth2Session("app", SECRET, "client_secret_jwt", token_endpoint=f"{server.url}/token")
    secret.fetch_token(grant_type="client_credentials")
    assert jwt.decode(server.asked[1].form["client_assertion"], SECRET)["aud"] == f"{server.url}/token"
    named = PrivateKeyJWT("https://op.example/token", claims={"x": 1}, headers={"kid": "k"})
    session.register_client_auth_method(named)
    session.fetch_token(grant_type="client_credentials")
    assertion = server.asked[2].form["client_assertion"]
    claims = jwt.decode(assertion, key.as_dict())
    assert _core.peek(assertion)[0]["kid"] == "k" and claims["x"] == 1 and claims["aud"] == "https://op.example/token"
    assert claims["exp"] - claims["iat"] == 300 and ClientSecretJWT.name == "client_secret_jwt"
    server.close()


def test_jwts_that_a_key_of_the_application_verifies():
    key = key_for("ES256")
    validator = JWTBearerTokenValidator(key.as_dict(), issuer="https://op.example")
    claims = {"iss": "https://op.example", "exp": time.time() + 60, "client_id": "app", "grant_type": "x", "scope": "read"}
    token = validator.authenticate_token(jwt.encode({"alg": "ES256"}, claims, key).decode())
    assert token is not None
    validator.validate_token(token, ["read"], None)
    assert token.get_scope() == "read" and not token.is_expired() and not token.is_revoked()
    for wrong in ({"iss": "https://eve.example"}, {"exp": 1}, {"client_id": ""}):
        assert validator.authenticate_token(jwt.encode({"alg": "ES256"}, {**claims, **wrong}, key).decode()) is None
    other = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    assert validator.authenticate_token(jwt.encode({"alg": "ES256"}, claims, other).decode()) is None
