"""Tokens that the application finds itself, by the validators that users of Authlib know."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from apps import DjangoApp
from authmint.jose import JsonWebKey, jwt
from authmint.jose.errors import InvalidClaimError
from authmint.oauth2 import rfc7523
from authmint.oauth2.rfc6749.errors import MissingAuthorizationError, UnsupportedTokenTypeError
from authmint.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError, InvalidTokenError
from authmint.oauth2.rfc7662 import IntrospectTokenValidator
from authmint.oauth2.rfc9068 import JWTBearerTokenValidator
from authmint.resource import ResourceServer
from issuer import API, bearer


class Token:
    def __init__(self, scope: str = "read", expired: bool = False, revoked: bool = False) -> None:
        self.scope, self.expired, self.revoked = scope, expired, revoked
        self.user_id = 7

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return self.expired

    def is_revoked(self) -> bool:
        return self.revoked


TOKENS = {"good": Token(), "old": Token(expired=True), "gone": Token(revoked=True), "other": Token("other")}


class Validator(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Any:
        return TOKENS.get(token_string)


def test_flask_with_a_validator():
    from flask import Flask

    from authmint.integrations.flask_oauth2 import ResourceProtector, current_token, token_authenticated

    app, require, told = Flask("api"), ResourceProtector(), []
    require.register_token_validator(Validator(realm="orders", service="x"))
    token_authenticated.connect(lambda sender, token: told.append(token), require, weak=False)

    @app.route("/read")
    @require("read")
    def read() -> Any:
        return {"user": current_token.user_id}

    @app.route("/plain")
    @require
    def plain() -> Any:
        return {"user": current_token.user_id}

    @app.route("/optional")
    @require(optional=True)
    def optional() -> Any:
        return {"token": bool(current_token)}

    client = app.test_client()
    assert client.get("/read", headers=bearer("good")).get_json() == {"user": 7} and told == [TOKENS["good"]]
    assert client.get("/plain", headers=bearer("other")).get_json() == {"user": 7}
    assert client.get("/optional").get_json() == {"token": False}
    assert client.get("/optional", headers=bearer("bad")).status_code == 401
    for token in ("bad", "old", "gone"):
        answer = client.get("/read", headers=bearer(token))
        assert answer.status_code == 401 and answer.get_json()["error"] == "invalid_token"
        assert 'realm="orders", service="x", error="invalid_token"' in answer.headers["WWW-Authenticate"]
    answer = client.get("/read", headers=bearer("other"))
    assert answer.status_code == 403 and answer.get_json()["error"] == "insufficient_scope"
    answer = client.get("/read")
    assert answer.status_code == 401 and answer.get_json()["error"] == "missing_authorization"
    for value in ("invalid token", "Mac good", "Bearer"):
        answer = client.get("/read", headers={"Authorization": value})
        assert answer.status_code == 401 and answer.get_json()["error"] == "unsupported_token_type"


def test_django_with_a_model():
    DjangoApp()
    from django.http import JsonResponse
    from django.test import RequestFactory

    from authmint.integrations.django_oauth2 import BearerTokenValidator, ResourceProtector

    class Model:
        class DoesNotExist(Exception):
            pass

        class objects:  # noqa: N801
            @staticmethod
            def get(access_token: str) -> Token:
                if access_token not in TOKENS:
                    raise Model.DoesNotExist
                return TOKENS[access_token]

    require = ResourceProtector()
    require.register_token_validator(BearerTokenValidator(Model))

    @require("read")
    def view(request: Any) -> Any:
        return JsonResponse({"user": request.oauth_token.user_id})

    def status(token: str | None) -> int:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        return view(RequestFactory().get("/read", **headers)).status_code

    assert [status(token) for token in ("good", "old", "bad", "other", None)] == [200, 401, 401, 403, 401]


def test_scopes_of_a_list_are_alternatives():
    check = BearerTokenValidator.scope_insufficient
    assert not check("a b", None) and not check(None, [])
    assert not check("a b", ["a"]) and not check("a b", ["b a"]) and not check("a b", ["c", "a"]) and not check(["a"], ["a"])
    assert check("a b", ["a c"]) and check("", ["a"]) and check(None, ["a"]) and check("a b", ["c", "a d"])


def test_introspection_by_a_function():
    class Asked(IntrospectTokenValidator):
        def introspect_token(self, token_string: str) -> Any:
            return json.loads(token_string)

    validator = Asked()
    now = time.time()
    validator.validate_token({"active": True, "scope": "read", "exp": now + 9}, ["read"], None)
    for said in (
        None,
        {},
        {"active": False},
        {"active": "false"},
        {"active": True, "exp": now - 1},
        {"active": True, "exp": "x"},
    ):
        with pytest.raises(InvalidTokenError):
            validator.validate_token(said, None, None)
    with pytest.raises(InsufficientScopeError):
        validator.validate_token({"active": True, "scope": "other"}, ["read"], None)


def test_jwts_with_keys_of_a_function(issuer):
    class Keys(JWTBearerTokenValidator):
        def get_jwks(self) -> Any:
            return {"keys": [issuer.key.as_dict()]}

    validator = Keys(issuer.url, API)
    token = validator.authenticate_token(issuer.token(groups=["admins"]))
    validator.validate_token(token, ["read"], None, groups=["admins", "x"])
    for kwargs, error in (({"groups": ["x"]}, InvalidTokenError), ({"roles": ["x"]}, InvalidTokenError)):
        with pytest.raises(error):
            validator.validate_token(token, None, None, **kwargs)
    with pytest.raises(InsufficientScopeError):
        validator.validate_token(token, ["write"], None)
    for claims in ({"iss": "https://eve.example"}, {"aud": "x"}, {"exp": 1}, {"jti": None}, {"client_id": None}, {"typ": "JWT"}):
        with pytest.raises(InvalidTokenError):
            validator.authenticate_token(issuer.token(**claims))


def test_jwts_by_keys_of_the_application(issuer):
    """A validator for the tokens of an issuer that writes plain JWTs, and one whose program verifies by itself."""

    class Plain(rfc7523.JWTBearerTokenValidator):
        def __init__(self) -> None:
            super().__init__(JsonWebKey.import_key_set({"keys": [issuer.key.as_dict()]}))
            self.claims_options = {"exp": {"essential": True}, "iss": {"essential": True, "value": issuer.url}}

    class Own(Plain):
        def authenticate_token(self, token_string: str) -> Any:
            claims = jwt.decode(token_string, self.public_key, claims_options=self.claims_options, claims_cls=self.token_cls)
            claims.validate(leeway=self.leeway)
            return claims

    for validator in (Plain(), Own()):
        token = validator.authenticate_token(issuer.token(typ="JWT"))
        assert isinstance(token, rfc7523.JWTBearerToken) and token.get_scope() == "read"
        assert token.sub == token["sub"] == "grace" and token.header["typ"] == "JWT"
        validator.validate_token(token, ["read"], None)
    assert Plain().authenticate_token(issuer.token(exp=1)) is None
    with pytest.raises(InvalidClaimError):
        Own().authenticate_token(issuer.token(iss="https://eve.example"))

    class Listed(dict[str, Any]):
        def __init__(self, claims: Any) -> None:
            super().__init__(claims)

    Plain.token_cls = Listed  # type: ignore[assignment]
    assert type(Plain().authenticate_token(issuer.token())) is Listed


def test_errors_know_their_answer():
    status, body, headers = InvalidTokenError(realm='a"b\n')("https://docs.example")
    assert status == 401 and body["error"] == "invalid_token" and body["error_uri"] == "https://docs.example"
    assert 'realm="a?b?"' in dict(headers)["WWW-Authenticate"]
    assert MissingAuthorizationError("bearer", "x").get_headers()[-1][1].startswith('Bearer realm="x"')
    assert UnsupportedTokenTypeError().status_code == 401 and len(UnsupportedTokenTypeError().get_headers()) == 3
    with pytest.raises(RuntimeError):
        from authmint.oauth2 import ResourceProtector

        ResourceProtector(
            ResourceServer("https://login.example", API, jwks_uri="https://login.example/jwks")
        ).register_token_validator(Validator())
