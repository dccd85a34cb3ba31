"""What users of Authlib import by other names than those of the packages, and small functions."""

from __future__ import annotations

import base64
import importlib
import time

import pytest

from authmint import _core
from authmint.common.errors import AuthlibHTTPError
from authmint.common.security import generate_pkce_code_verifier, is_secure_transport
from authmint.common.urls import (
    add_params_to_qs,
    add_params_to_uri,
    extract_params,
    is_valid_url,
    quote_url,
    url_decode,
    url_encode,
)
from authmint.consts import default_json_headers
from authmint.deprecate import AuthlibDeprecationWarning, deprecate
from authmint.integrations.requests_client import OAuth2Session
from authmint.jose import JsonWebEncryption, JsonWebKey, jwk, jwt
from authmint.jose.drafts import register_jwe_draft
from authmint.jose.errors import DecodeError, InvalidClaimError, MissingClaimError
from authmint.jose.rfc7516.models import JWEHeader, JWESharedHeader
from authmint.jose.util import ensure_dict, extract_header, extract_segment
from authmint.oauth2 import ClientAuth, OAuth2Token
from authmint.oauth2.auth import encode_client_secret_basic, encode_none
from authmint.oauth2.rfc6749 import errors, parameters, util
from authmint.oauth2.rfc6749.resource_protector import ResourceProtector
from authmint.oauth2.rfc6750 import BearerTokenValidator
from authmint.oauth2.rfc6750.parameters import add_bearer_token
from authmint.oauth2.rfc7009 import prepare_revoke_token_request
from authmint.oauth2.rfc7523 import (
    ClientSecretJWT,
    JWTBearerTokenValidator,
    PrivateKeyJWT,
    client_secret_jwt_sign,
    private_key_jwt_sign,
    sign_jwt_bearer_assertion,
)
from authmint.oauth2.rfc7636 import create_s256_code_challenge
from authmint.oauth2.rfc7636.challenge import compare_plain_code_challenge, compare_s256_code_challenge
from authmint.oauth2.rfc7662 import IntrospectionToken
from authmint.oauth2.rfc8414 import get_well_known_url
from authmint.oauth2.rfc9068.claims import JWTAccessTokenClaims
from authmint.oidc.core import CodeIDToken, HybridIDToken, ImplicitIDToken, UserInfo
from authmint.oidc.core.errors import LoginRequiredError
from authmint.oidc.core.grants.util import generate_id_token, is_openid_scope
from authmint.oidc.core.util import create_half_hash
from authmint.oidc.discovery import get_well_known_url as openid_url
from conftest import SECRET, key_for
from server import TOKEN, Answer, Server


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("oauth2.rfc6749.wrappers", ["OAuth2Token"]),
        ("oauth2.rfc6749", ["InvalidClientError", "MissingAuthorizationError", "TokenValidator", "InsecureTransportError"]),
        ("oauth2.rfc7521", ["AssertionClient"]),
        ("oauth2.rfc7662", ["IntrospectTokenValidator"]),
        ("oauth2.rfc6750", ["BearerTokenValidator", "InvalidTokenError", "InsufficientScopeError"]),
        ("jose.rfc7515", ["JsonWebSignature", "JWSHeader", "JWSObject"]),
        ("jose.rfc7515.jws", ["JsonWebSignature"]),
        ("jose.rfc7515.models", ["JWSHeader"]),
        ("jose.rfc7516", ["JsonWebEncryption"]),
        ("jose.rfc7516.jwe", ["JsonWebEncryption"]),
        ("jose.rfc7517", ["AsymmetricKey", "JsonWebKey", "Key", "KeySet"]),
        ("jose.rfc7517.jwk", ["JsonWebKey"]),
        ("jose.rfc7517.key_set", ["KeySet"]),
        ("jose.rfc7517.base_key", ["Key"]),
        ("jose.rfc7517.asymmetric_key", ["AsymmetricKey"]),
        ("jose.rfc7518", ["ECKey", "OctKey", "RSAKey"]),
        ("jose.rfc7518.rsa_key", ["RSAKey"]),
        ("jose.rfc7518.ec_key", ["ECKey"]),
        ("jose.rfc7518.oct_key", ["OctKey"]),
        ("jose.rfc7519", ["BaseClaims", "JWTClaims", "JsonWebToken"]),
        ("jose.rfc7519.claims", ["JWTClaims"]),
        ("jose.rfc7519.jwt", ["JsonWebToken"]),
        ("jose.rfc8037.okp_key", ["OKPKey"]),
        ("jose.rfc8037", ["OKPKey"]),
        ("oauth2.base", ["OAuth2Error"]),
        ("oauth2.claims", ["BaseClaims", "JWTClaims"]),
        ("oauth2.auth", ["ClientAuth", "encode_client_secret_basic", "encode_client_secret_post", "encode_none"]),
        ("oauth2.rfc6750.validator", ["BearerTokenValidator"]),
        ("oauth2.rfc7521.client", ["AssertionClient"]),
        ("oauth2.rfc7523.auth", ["ClientSecretJWT", "PrivateKeyJWT"]),
        ("oauth2.rfc7523.assertion", ["sign_jwt_bearer_assertion"]),
        ("oauth2.rfc7523.validator", ["JWTBearerTokenValidator"]),
        ("oauth2.rfc7662.token_validator", ["IntrospectTokenValidator"]),
        ("oauth2.rfc8414.well_known", ["get_well_known_url"]),
        ("oauth2.rfc9068.token_validator", ["JWTBearerTokenValidator"]),
        ("oidc.discovery.well_known", ["get_well_known_url"]),
        ("common.errors", ["AuthlibBaseError", "AuthlibHTTPError", "ContinueIteration"]),
        ("consts", ["name", "version", "default_user_agent", "default_json_headers"]),
        ("integrations.flask_client.apps", ["FlaskOAuth2App"]),
        ("integrations.django_client.apps", ["DjangoOAuth2App"]),
        ("integrations.starlette_client.apps", ["StarletteOAuth2App"]),
        ("oidc.core", ["CodeIDToken", "UserInfo", "HybridIDToken", "ImplicitIDToken", "get_claim_cls_by_response_type"]),
    ],
)
def test_names(module, names):
    found = importlib.import_module(f"authmint.{module}")
    assert all(hasattr(found, name) for name in names)


def test_s15_what_is_known_of_a_person_says_nothing_of_the_login():
    person = {
        "sub": "1",
        "name": "Ada",
        **dict.fromkeys(("iss", "aud", "nonce", "acr", "at_hash"), "eve"),
        "exp": 2**40,
        "iat": 1,
    }
    key = key_for("ES256")
    made = generate_id_token({"access_token": "at"}, person, key, "https://op.example", "app", "ES256", nonce="n", acr="1")
    params = {"client_id": "app", "nonce": "n", "access_token": "at"}
    claims = jwt.decode(made, key, CodeIDToken, {"iss": {"value": "https://op.example"}}, params)
    claims.validate()
    assert (claims["sub"], claims["name"], claims["acr"]) == ("1", "Ada", "1") and claims["exp"] < time.time() + 3700


def test_urls():
    assert url_encode([("a", "b c"), ("d", "&")]) == "a=b+c&d=%26" and url_decode("a=b+c&d") == [("a", "b c"), ("d", "")]
    assert add_params_to_qs("a=1", [("b", "2")]) == "a=1&b=2"
    # A token is encoded as it is, with the numbers that it has.
    assert url_encode({"expires_at": 7, "access_token": b"at"}.items()) == "expires_at=7&access_token=at"
    assert add_params_to_uri("https://a.example/", [("max_age", 0)]) == "https://a.example/?max_age=0"
    assert add_params_to_uri("https://a.example/?a=1#x", [("b", "2")]) == "https://a.example/?a=1&b=2#x"
    assert add_params_to_uri("https://a.example/#a=1", [("b", "2")], fragment=True) == "https://a.example/#a=1&b=2"
    assert extract_params({"a": 1}) == [("a", "1")] == extract_params([("a", "1")]) == extract_params("a=1")
    assert extract_params("") is extract_params(7) is None
    assert is_valid_url("https://a.example/#x") and not is_valid_url("https://a.example/#x", fragments_allowed=False)
    assert not is_valid_url("a.example") and not is_valid_url("javascript:alert(1)")


@pytest.mark.parametrize(
    "address",
    [
        "http://b.example\\@localhost/",
        "http://localhost\\.b.example/",
        "http://[::1].b.example/",
        "http://localhost:x/",
        "https://a.example\\.b.example/",
        "https://\\b.example/",
        "https://a.example/\r\nLocation: https://b.example/",
        "https://a.example/\tb",
        "https://a.exa\nmple/",
        "https://a.example b.example/",
        "https://a.example:99999/",
    ],
)
def test_s22_s24_an_address_is_the_same_to_all_who_read_it(address):
    assert not is_secure_transport(address) and not is_valid_url(address)


def test_addresses_that_are_not_what_they_seem():
    for good in ("https://a.example/cb?next=x@y", "http://localhost:8080/", "app.example://callback"):
        assert is_valid_url(good)
    for bad in (
        "",
        "/cb",
        "https://",
        "https://a.example@b.example/",
        "http://[::1]:80@b.example/",
        "http://[x]/",
        "javascript://a.example/",
    ):
        assert not is_valid_url(bad)
    for good in (
        "HTTPS://A.EXAMPLE/",
        " https://a.example/ ",
        "http://127.0.0.2/",
        "http://[::1]:80/",
        "http://[::ffff:127.0.0.1]/",
    ):
        assert is_secure_transport(good)
    for bad in (
        "",
        "https://",
        "http://a.example",
        "http://0.0.0.0/",
        "http://localhost@b.example/",
        "http://[x]/",
        "ftp://localhost/",
    ):
        assert not is_secure_transport(bad)
    for bad in ("a=%G0", "a=é", "a b", "{}"):
        assert extract_params(bad) is None
        with pytest.raises(ValueError, match="encoded"):
            url_decode(bad)
    assert extract_params([1]) is extract_params(None) is None and extract_params({}) == extract_params([]) == []
    assert add_params_to_qs("a=1", {b"b": 2}) == "a=1&b=2" == url_encode([("a", b"1"), ("b", 2)])
    assert quote_url("https://a.example/b c") == "https://a.example/b%20c"


def test_verifiers_of_pkce():
    made = {generate_pkce_code_verifier(), generate_pkce_code_verifier(43)}
    assert {len(one) for one in made} == {43, 128}
    verifier = made.pop()
    assert compare_s256_code_challenge(verifier, create_s256_code_challenge(verifier))
    assert not compare_s256_code_challenge(verifier, verifier) and not compare_plain_code_challenge("", "")
    assert compare_plain_code_challenge(verifier, verifier)
    for length in (0, 42, 129):
        with pytest.raises(ValueError, match="43 to 128"):
            generate_pkce_code_verifier(length)


def test_parts_of_messages():
    assert extract_header(b"eyJhIjoxfQ", DecodeError) == {"a": 1} and extract_segment("YQ", DecodeError) == b"a"
    for bad in (b"W10", b"!", b"YQ"):
        with pytest.raises(DecodeError):
            extract_header(bad, DecodeError)
    assert ensure_dict('{"a":1}', "JWS") == ensure_dict({"a": 1}, "JWS")
    for bad in ("[1]", "{", None, 7):
        with pytest.raises(DecodeError):
            ensure_dict(bad, "JWS")
    header = JWEHeader({"alg": "dir"}, {"jku": "x"}, {"kid": "a"})
    assert (
        header == {"alg": "dir", "jku": "x", "kid": "a"} and header.protected == {"alg": "dir"} and header.header == {"kid": "a"}
    )
    shared = JWESharedHeader.from_dict({"protected": {"alg": "dir"}, "unprotected": {"jku": "x"}})
    shared.update_protected({"epk": 1})
    assert shared.protected == {"alg": "dir", "epk": 1} and shared["jku"] == "x" and JWESharedHeader.from_dict(shared) is shared
    register_jwe_draft(JsonWebEncryption)


def test_old_ways_with_keys():
    key = key_for("ES256")
    named = {**key.as_dict(), "kid": "a"}
    assert jwk.loads({"keys": [named]}, "a").thumbprint() == jwk.loads(key.as_pem()).thumbprint() == key.thumbprint()
    assert jwk.dumps(key.as_pem(is_private=True), kty="EC", use="sig").items() >= {"use": "sig", "crv": "P-256"}.items()


def test_an_error_that_is_answered():
    error = AuthlibHTTPError("not_so", "say it again", status_code=401)
    assert error("https://a.example/why") == (
        401,
        {"error": "not_so", "error_description": "say it again", "error_uri": "https://a.example/why"},
        default_json_headers,
    )
    assert errors.InvalidRequestError("so").get_error_description() == "so"
    assert isinstance(errors.InvalidRequestError(), AuthlibHTTPError) and LoginRequiredError().error == "login_required"
    with pytest.warns(AuthlibDeprecationWarning, match="version 2"):
        deprecate("this goes", "2")


def test_requests_by_hand():
    assert prepare_revoke_token_request("t", "access_token") == (
        "token=t&token_type_hint=access_token",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    body = parameters.prepare_token_request(
        "authorization_code", code="c", redirect_uri="https://a.example/", scope=["a", "b"], x=""
    )
    assert dict(url_decode(body)) == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://a.example/",
        "scope": "a b",
    }
    with pytest.raises(errors.MissingCodeException):
        parameters.prepare_token_request("authorization_code")
    assert add_bearer_token("t", "https://a.example/", {}, "", "uri")[0] == "https://a.example/?access_token=t"
    assert add_bearer_token("t", "https://a.example/", {}, "")[1] == {"Authorization": "Bearer t"}
    assert add_bearer_token("t", "https://a.example/", {}, "a=1", "body")[2] == "a=1&access_token=t"
    with pytest.raises(ValueError, match="header"):
        add_bearer_token("t", "https://a.example/", {}, "", "cookie")


def test_an_answer_of_introspection():
    token = IntrospectionToken({"scope": "a", "exp": 3600})
    assert (token.client_id, token.get_client_id(), token.get_scope(), token.exp) == (None, None, "a", 3600)
    assert token.get_expires_at() == 3600 and IntrospectionToken().get_expires_at() == token.get_expires_in() == 0
    with pytest.raises(AttributeError):
        token.nothing  # noqa: B018


def test_the_claims_of_an_access_token():
    claims = {"iss": "a", "client_id": "app", "amr": ["pwd"], "auth_time": 1}
    token = JWTAccessTokenClaims(claims, {"typ": "AT+JWT"}, {"iss": {"value": "a"}})
    token.validate()
    assert token.client_id == "app" and token.groups is None
    for changed, typ in (
        ({}, "JWT"),
        ({}, None),
        ({"amr": "pwd"}, "at+jwt"),
        ({"auth_time": "1"}, "at+jwt"),
        ({"iss": "b"}, "at+jwt"),
    ):
        with pytest.raises(InvalidClaimError):
            JWTAccessTokenClaims({**claims, **changed}, {"typ": typ} if typ else {}, {"iss": {"value": "a"}}).validate()


def test_well_known():
    assert get_well_known_url("https://a.example/x/") == "/.well-known/oauth-authorization-server/x"
    assert get_well_known_url("https://a.example", external=True) == "https://a.example/.well-known/oauth-authorization-server"
    assert openid_url("https://a.example/x") == "/x/.well-known/openid-configuration"
    assert openid_url("https://a.example/x", external=True) == "https://a.example/x/.well-known/openid-configuration"
    # RFC 7636 B
    assert (
        create_s256_code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


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
    # What a key is for, it is for.
    named = JsonWebKey.import_key(key.as_dict(is_private=True), {"alg": "PS256", "kid": "k"})
    header, _ = _core.peek(sign_jwt_bearer_assertion(named, "robot", "aud", alg="RS256"))
    assert header == {"alg": "PS256", "typ": "JWT", "kid": "k"}


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


def test_what_a_method_was_told():
    bare, told = PrivateKeyJWT(), PrivateKeyJWT("https://op.example/token", {"a": 1}, {"b": 2}, "RS512")
    assert (bare.token_endpoint, bare.claims, bare.headers, bare.alg) == (None, None, None, "RS256")
    assert (told.token_endpoint, told.claims, told.headers, told.alg) == ("https://op.example/token", {"a": 1}, {"b": 2}, "RS512")
    assert ClientSecretJWT().alg == "HS256"
    auth = ClientAuth("app", key_for("RS256").as_pem(is_private=True), PrivateKeyJWT())
    claims = jwt.decode(PrivateKeyJWT(issued_at=1000, expires_in=60).sign(auth, "aud"), key_for("RS256").as_dict())
    assert (claims["iat"], claims["exp"], claims["aud"], claims["sub"]) == (1000, 1060, "aud", "app")


def test_authentication_by_hand():
    client = ClientAuth("app", "s3cret")
    assert encode_client_secret_basic(client, "POST", "u", {}, "a=1") == client.prepare("POST", "u", {}, "a=1")
    assert encode_none(client, "GET", "https://op.example/", {}, "")[0] == "https://op.example/?client_id=app"
    # Whoever has said how long the body is hears that it is longer now.
    _, headers, body = ClientAuth("app", "s3cret", "client_secret_post").prepare("POST", "u", {"content-length": "3"}, "a=1")
    assert body == "a=1&client_id=app&client_secret=s3cret" and headers == {"content-length": str(len(body))}


def test_tokens_know_when_they_expire():
    now = int(time.time())
    assert OAuth2Token({"expires_in": 10})["expires_at"] in (now + 10, now + 11)
    assert OAuth2Token({"expires_in": "10", "issued_at": 1000})["expires_at"] == 1010
    assert OAuth2Token({"expires_in": 10, "issued_at": 0})["expires_at"] == 10
    assert OAuth2Token({"expires_at": 7, "expires_in": 10, "issued_at": 1000})["expires_at"] == 7
    assert OAuth2Token({"expires_at": 0}).is_expired() is True
    for issued_at in (-1, "x", None, float("inf")):
        assert OAuth2Token({"expires_in": 10, "issued_at": issued_at})["expires_at"] >= now + 10
    odd = OAuth2Token({"expires_at": "2024-01-01T00:00:00Z"})
    assert odd.is_expired() is None and odd["expires_at"] == "2024-01-01T00:00:00Z"
    assert isinstance(OAuth2Token({"expires_at": "2024-01-01T00:00:00Z", "expires_in": 10})["expires_at"], int)


def test_parameters_by_hand():
    parse = parameters.parse_authorization_code_response
    assert parse("https://app.example/?code=a&state=c", "c") == {"code": "a", "state": "c"}
    with pytest.raises(errors.MissingCodeException):
        parse("https://app.example/?state=c")
    with pytest.raises(errors.MismatchingStateException):
        parse("https://app.example/?code=a&state=c", "b")
    parse = parameters.parse_implicit_response
    assert parse("https://app.example/#access_token=a&token_type=bearer&state=c", "c")["access_token"] == "a"
    for fragment, error in (
        ("a=b", errors.MissingTokenException),
        ("access_token=a", errors.MissingTokenTypeException),
        ("access_token=a&token_type=bearer&state=x", errors.MismatchingStateException),
    ):
        with pytest.raises(error):
            parse(f"https://app.example/#{fragment}", "c")
    uri = parameters.prepare_grant_uri("https://op.example/a", "dev", "code", max_age=0, resource=["a", "b"])
    assert uri == "https://op.example/a?response_type=code&client_id=dev&max_age=0&resource=a&resource=b"
    encoded = base64.b64encode(b"a:b:c").decode()
    assert util.extract_basic_authorization({"Authorization": f"Basic {encoded}"}) == ("a", "b:c")
    for header in ("", "Basic !", "Bearer x", "Basic /w=="):
        assert util.extract_basic_authorization({"Authorization": header}) == (None, None)


def test_a_protector_may_be_given_its_validator():
    class Validator(BearerTokenValidator):
        pass

    bearer = Validator(realm="dev")
    protector = ResourceProtector(token_validator=bearer)
    assert protector.get_token_validator("Bearer") is bearer
    with pytest.raises(errors.UnsupportedTokenTypeError):
        protector.get_token_validator("mac")


def test_halves_of_hashes():
    # OpenID Connect Core A.3
    assert create_half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == b"77QmUPtjPfzWtF2AnpK9RQ"
    token = {"iss": "1", "sub": "1", "aud": "1", "exp": 10000, "iat": 100}
    for kind, name, of in ((CodeIDToken, "at_hash", "access_token"), (HybridIDToken, "c_hash", "code")):
        half = create_half_hash("value", "ES384").decode()
        claims = {**token, "nonce": "n", name: half}
        kind(claims, {"alg": "ES384"}, params={of: "value", "nonce": "n"}).validate(1000)
        for header in ({"alg": "ES256"}, {"alg": "HS222"}, {}, None):
            with pytest.raises(InvalidClaimError):
                kind(claims, header, params={of: "value"}).validate(1000)
    with pytest.raises(MissingClaimError):
        ImplicitIDToken({**token, "nonce": "n"}, {}, params={"access_token": "x"}).validate(1000)
    with pytest.raises(InvalidClaimError):
        CodeIDToken({**token, "auth_time": 1}, {}, params={"max_age": 100}).validate(1000)
    CodeIDToken({**token, "auth_time": 950}, {}, params={"max_age": 100}).validate(1000)


def test_an_id_token_is_made():
    key = key_for("ES256")
    made = generate_id_token(TOKEN, {"sub": "1"}, key, "https://op.example", "app", "ES256", nonce="n", code="c", kid="k")
    assert _core.peek(made)[0] == {"alg": "ES256", "typ": "JWT", "kid": "k"}
    given = {"nonce": "n", "client_id": "app", "access_token": TOKEN["access_token"], "code": "c"}
    claims = jwt.decode(made, key.as_dict(), HybridIDToken, claims_params=given)
    claims.validate()
    assert claims["exp"] - claims["iat"] == 3600 and {"at_hash", "c_hash"} < set(claims) and "amr" not in claims
    assert is_openid_scope("openid email") and not is_openid_scope("email") and not is_openid_scope(None)


def test_userinfo_by_scope():
    person = UserInfo({"sub": "1", "name": "Grace", "email": "grace@example.com", "x": 1})
    assert person.filter("openid email") == {"sub": "1", "email": "grace@example.com"} and person.phone_number is None
    with pytest.raises(AttributeError):
        person.x  # noqa: B018


@pytest.mark.parametrize(
    "changed",
    [{"sub": None}, {"sub": 5}, {"sub": ""}, {"iss": 1}, {"iss": ["a"]}, {"aud": 1}, {"aud": []}, {"aud": [None]}, {"aud": ""}],
)
def test_an_id_token_says_by_texts_whom_it_is_about(changed):
    claims = {"iss": "a", "sub": "b", "aud": "c", "exp": 2000, "iat": 1000}
    CodeIDToken({**claims, "aud": ["c"]}, {}).validate(1500)
    with pytest.raises(InvalidClaimError, match=next(iter(changed))):
        CodeIDToken({**claims, **changed}, {}).validate(1500)


def test_an_answer_that_is_an_error_has_no_code():
    with pytest.raises(errors.MissingCodeException, match="access_denied"):
        parameters.parse_authorization_code_response("https://a.example/?error=access_denied&state=s", "s")


def test_an_address_is_checked():
    errors.InsecureTransportError.check("https://a.example/")
    with pytest.raises(errors.InsecureTransportError):
        errors.InsecureTransportError.check("http://a.example/")


def test_a_claim_that_is_a_list_has_what_is_asked_for():
    claims = {"iss": "a", "sub": "b", "aud": "c", "exp": 2000, "iat": 1000, "groups": ["staff", "admin"]}
    for option in ({"value": "admin"}, {"values": ["root", "admin"]}, {"value": ["staff", "admin"]}):
        CodeIDToken(claims, {}, {"groups": option}).validate(1500)
    for name in ("iss", "sub", "azp"):
        with pytest.raises(InvalidClaimError):
            CodeIDToken({**claims, name: ["x", "y"]}, {}, {name: {"value": "x"}}).validate(1500)
    for option in ({"value": "root"}, {"values": ["root"]}, {"values": []}, {"value": "adm"}):
        with pytest.raises(InvalidClaimError):
            CodeIDToken(claims, {}, {"groups": option}).validate(1500)
