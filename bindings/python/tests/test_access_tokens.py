"""JWT access tokens as validators check them, and what users of Authlib import for it."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException

from authmint.integrations.flask_oauth2 import ResourceProtector, current_token
from authmint.jose import jwt
from authmint.jose.errors import InvalidClaimError
from authmint.oauth2.rfc6750 import add_bearer_token
from authmint.oauth2.rfc6750.errors import InvalidTokenError
from authmint.oauth2.rfc7009 import prepare_revoke_token_request
from authmint.oauth2.rfc7523 import JWTBearerToken
from authmint.oauth2.rfc7662 import IntrospectionToken
from authmint.oauth2.rfc9068 import JWTAccessTokenClaims, JWTBearerTokenValidator
from conftest import key_for

ISSUER, API = "https://op.example", "https://api.example"
KEY = key_for("ES256")


class Validator(JWTBearerTokenValidator):
    def get_jwks(self) -> Any:
        return {"keys": [KEY.as_dict()]}


def made(typ: str = "at+jwt", **more: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": API, "sub": "1", "client_id": "app", "jti": "j", "iat": now, "exp": now + 60, **more}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "typ": typ}, claims, KEY, check=False).decode()


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_claims_of_an_access_token(typ):
    token = Validator(ISSUER, API).authenticate_token(made(typ, auth_time=1, amr=["pwd"], acr="1", scope="read", x=1))
    assert (token.sub, token.client_id, token.auth_time, token["x"]) == ("1", "app", 1, 1)
    assert token.get_scope() == "read" and not token.is_expired() and token.header["alg"] == "ES256"
    assert isinstance(json.loads(json.dumps(token)), dict)


@pytest.mark.parametrize(
    "wrong",
    [
        {"typ": "JWT"},
        {"iss": "https://eve.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"exp": 1},
        {"jti": None},
        {"client_id": None},
        {"iat": time.time() + 3600},
        {"auth_time": "yesterday"},
        {"auth_time": True},
        {"amr": "pwd"},
        {"amr": [1]},
        {"acr": ["1"]},
    ],
)
def test_what_is_no_access_token_is_refused(wrong):
    with pytest.raises(InvalidTokenError):
        Validator(ISSUER, API).authenticate_token(made(**wrong))


def test_a_clock_may_be_ahead_and_a_subclass_may_know_more_issuers():
    class Tenants(Validator):
        def validate_iss(self, claims: Mapping[str, Any], iss: str) -> bool:
            return iss == f"https://op.example/{claims.get('tid')}"

    assert Validator(ISSUER, API).authenticate_token(made(iat=int(time.time()) + 60))
    assert Tenants(ISSUER, API).authenticate_token(made(iss="https://op.example/7", tid="7"))
    for wrong in ({}, {"iss": "https://op.example/7", "tid": "8"}):
        with pytest.raises(InvalidTokenError):
            Tenants(ISSUER, API).authenticate_token(made(**wrong))


@pytest.mark.parametrize("wrong", [{"exp": 1}, {"iss": "https://eve.example"}, {"typ": "JWT"}])
def test_claims_that_a_subclass_has_only_decoded_are_checked(wrong):
    class Decoding(Validator):
        def authenticate_token(self, token_string: str) -> Any:
            options = {"iss": {"essential": True, "value": self.issuer}}
            return jwt.decode(token_string, KEY.as_dict(), JWTAccessTokenClaims, options)

    app = Flask(__name__)
    require_oauth = ResourceProtector(token_validator=Decoding(ISSUER, API))

    @app.get("/")
    @require_oauth("read")
    def index():
        return jsonify(sub=current_token["sub"])

    def status(**claims: Any) -> int:
        bearer = f"Bearer {made(scope='read', **claims)}"
        return app.test_client().get("/", headers={"Authorization": bearer}).status_code

    assert status() == 200 and status(**wrong) == 401


@pytest.mark.parametrize("claims_cls", [None, JWTAccessTokenClaims])
def test_s14_s15_claims_that_were_only_decoded_are_those_of_this_issuer_for_this_api(claims_cls):
    class Decoding(Validator):
        options: Mapping[str, Any] | None = None

        def authenticate_token(self, token_string: str) -> Any:
            return jwt.decode(token_string, KEY.as_dict(), claims_cls, self.options)

    def check(validator: Validator, **claims: Any) -> None:
        validator.validate_token(validator.authenticate_token(made(scope="read", **claims)), ["read"], None)

    validator = Decoding(ISSUER, API)
    check(validator)
    check(validator, aud=["https://other.example", API])
    for wrong in ({"aud": "https://other.example"}, {"aud": None}, {"iss": "https://eve.example"}, {"iss": None}, {"exp": None}):
        with pytest.raises(InvalidTokenError):
            check(validator, **wrong)
    # What a program says of a claim itself is what it wants.
    validator.options = {"aud": {"value": "https://other.example"}, "iss": {}, "exp": {}}
    check(validator, aud="https://other.example", iss=None, exp=None)


@pytest.mark.parametrize("token", [None, {}])
def test_s47_a_token_that_was_not_found_is_no_valid_one(token):
    with pytest.raises(InvalidTokenError):
        Validator(ISSUER, API).validate_token(token, None, None)


@pytest.mark.parametrize("blank", [[""], [" ", ""]])
def test_s14_a_role_that_was_left_blank_is_nobodys(blank):
    validator = Validator(ISSUER, API)
    token = validator.authenticate_token(made(roles=["user"], scope="read"))
    for name in ("groups", "roles", "entitlements"):
        validator.validate_token(token, ["read"], None, **{name: []})
        with pytest.raises(InvalidTokenError):
            validator.validate_token(token, ["read"], None, **{name: blank})


@pytest.mark.parametrize("acr", [False, 0, [], {}])
def test_s13_a_level_that_is_no_text_is_none(acr):
    with pytest.raises(InvalidTokenError):
        Validator(ISSUER, API).authenticate_token(made(acr=acr))


def test_an_application_may_write_refusals_in_its_own_way():
    app = Flask(__name__)

    class Bearer(Validator):
        def validate_request(self, request: Any) -> None:
            seen.append((request.method, request.uri, request.target))

    seen: list[tuple[str, str, str]] = []
    require_oauth = ResourceProtector(token_validator=Bearer(ISSUER, API))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException):
        said = json.loads(error.get_body())
        return {"said": said["error"], "name": error.name}, error.code, dict(error.get_headers())

    @app.get("/orders")
    @require_oauth()
    def orders():
        return {}

    answer = app.test_client().get("/orders")
    assert answer.status_code == 401 and answer.json == {"said": "missing_authorization", "name": "Unauthorized"}
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert app.test_client().get("/orders?a=b", headers={"Authorization": f"Bearer {made()}"}).status_code == 200
    assert seen == [("GET", "http://localhost/orders?a=b", "/orders?a=b")]


def test_claims_validate_themselves():
    with pytest.raises(InvalidClaimError, match="typ"):
        JWTAccessTokenClaims({}, {}).validate()


def test_answers_of_an_introspection_endpoint():
    token = IntrospectionToken({"active": True, "scope": "read", "client_id": "app", "exp": 7})
    assert token.active and token.get_scope() == "read" and token.get_client_id() == "app" and token.get_expires_at() == 7
    empty = IntrospectionToken()
    assert empty.active is empty.sub is empty.get_scope() is None and empty.get_expires_at() == empty.get_expires_in() == 0
    with pytest.raises(AttributeError, match="nonsense"):
        empty.nonsense  # noqa: B018


def test_a_token_knows_its_client():
    class Client:
        def get_client_id(self) -> str:
            return "app"

    assert JWTBearerToken({"client_id": "app"}).check_client(Client())
    assert not JWTBearerToken({"client_id": "other"}).check_client(Client()) and not JWTBearerToken({}).check_client(Client())


def test_requests_by_hand():
    assert add_bearer_token("at", "https://a.example/", None, None)[1] == {"Authorization": "Bearer at"}
    assert add_bearer_token("at", "https://a.example/?a=1", {}, None, "uri")[0] == "https://a.example/?a=1&access_token=at"
    assert add_bearer_token("at", "https://a.example/", {}, "a=1", "body")[2] == "a=1&access_token=at"
    body, headers = prepare_revoke_token_request("at", "access_token", "a=1", {"X": "y"})
    assert body == "a=1&token=at&token_type_hint=access_token" and headers["X"] == "y" and len(headers) == 2


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("base", ["OAuth2Error"]),
        ("rfc6750.parameters", ["add_bearer_token"]),
        ("rfc6750.validator", ["BearerTokenValidator"]),
        ("rfc7009.parameters", ["prepare_revoke_token_request"]),
        ("rfc7521.client", ["AssertionClient"]),
        ("rfc7523.assertion", ["client_secret_jwt_sign", "private_key_jwt_sign", "sign_jwt_bearer_assertion"]),
        ("rfc7523.auth", ["ClientSecretJWT", "PrivateKeyJWT"]),
        ("rfc7523.validator", ["JWTBearerToken", "JWTBearerTokenValidator"]),
        ("rfc7636.challenge", ["create_s256_code_challenge"]),
        ("rfc7662.models", ["IntrospectionToken"]),
        ("rfc7662.token_validator", ["IntrospectTokenValidator"]),
        ("rfc8414.well_known", ["get_well_known_url"]),
        ("rfc9068.claims", ["JWTAccessTokenClaims"]),
        ("rfc9068.token_validator", ["JWTBearerTokenValidator"]),
    ],
)
def test_names_by_module(module, names):
    found = importlib.import_module(f"authmint.oauth2.{module}")
    assert all(hasattr(found, name) for name in names)
