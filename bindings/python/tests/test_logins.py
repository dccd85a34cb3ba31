"""Log in with …: what the clients of Flask, Django and Starlette ask, take and refuse; the same of each."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from apps import APPS, App
from authmint.integrations.base_client import OAuthError
from authmint.integrations.base_client.errors import MissingCodeError
from authmint.jose import JsonWebKey, Key, OctKey, errors, jwt
from authmint.oauth2.rfc6749 import MissingCodeException
from conftest import key_for
from op import Provider
from server import Answer, Asked, Server


class Cache:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, int]] = {}

    def get(self, key: str) -> Any:
        return self.kept.get(key, (None, 0))[0]

    def set(self, key: str, value: str, timeout: int) -> None:
        self.kept[key] = (value, timeout)

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)


@pytest.fixture
def op() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture(params=APPS)
def make(request, op) -> Any:
    def app(cache: Any = None, **register: Any) -> App:
        return APPS[request.param](cache, **{"server_metadata_url": op.discovery, **register})

    return app


def answer(asked: dict[str, str], **more: str | None) -> str:
    given = {"code": f"n-{asked.get('nonce')}", "state": asked["state"], **more}
    return "/callback?" + urlencode({name: value for name, value in given.items() if value is not None})


def refusal(app: App, path: str, browser: Any = None) -> dict[str, str]:
    status, _, text = app.get(path, browser)
    assert status == 400, text
    return json.loads(text)


def test_a_person_logs_in(make, op):
    app = make()
    asked = app.begin()
    assert asked["url"].startswith(f"{op.url}/authorize?")
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", "app", "openid profile")
    assert asked["redirect_uri"] == "http://localhost/callback" and asked["code_challenge_method"] == "S256"
    status, _, text = app.get(answer(asked))
    token = json.loads(text)
    assert status == 200 and token["access_token"] == "at" and token["userinfo"]["name"] == "Grace Hopper"
    form = op.asked[op.paths().index("/token")].form
    assert form["redirect_uri"] == "http://localhost/callback"
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert op.paths() == ["/.well-known/openid-configuration", "/token", "/jwks"]
    app.get(answer(app.begin()))
    assert op.paths().count("/jwks") == 1 and op.paths().count("/.well-known/openid-configuration") == 1


def test_more_is_asked_for(make):
    asked = make(authorize_params={"resource": "https://api.example"}).begin(path="/login?prompt=login&login_hint=grace&nonce=n")
    assert (asked["prompt"], asked["login_hint"], asked["nonce"]) == ("login", "grace", "n")
    assert asked["resource"] == "https://api.example"
    plain = make(client_kwargs={"scope": "user:email", "code_challenge_method": None}).begin()
    assert "nonce" not in plain and "code_challenge" not in plain


def test_a_challenge_that_the_application_has_made_is_sent_as_it_is(make, op):
    app = make(authorize_params={"code_challenge": "made", "code_challenge_method": "S256"})
    asked = app.begin()
    assert (asked["code_challenge"], asked["code_challenge_method"]) == ("made", "S256")
    made = app.call(lambda: app.client.create_authorization_url("http://localhost/callback", code_challenge="other"))
    assert "code_challenge=made" in made["url"] and "code_verifier" not in made


def test_an_answer_may_be_posted(make):
    app = make()
    asked = app.begin()
    status, _, text = app.post("/callback", {"code": f"n-{asked['nonce']}", "state": asked["state"]})
    assert status == 200 and json.loads(text)["userinfo"]["sub"] == "grace"


def test_a_request_is_pushed(make, op):
    app = make(client_kwargs={"scope": "openid", "par": True})
    asked = app.begin()
    assert asked["request_uri"] == "urn:pushed" and "state" not in asked
    pushed = op.asked[-1].form
    assert pushed["client_id"] == "app" and app.get(answer(pushed))[0] == 200
    op.metadata = {"require_pushed_authorization_requests": True}
    assert make().begin()["request_uri"] == "urn:pushed"


def test_what_the_id_token_does_not_say_userinfo_does(make, op, caplog):
    op.claims = {"name": None}
    app = make()
    assert json.loads(app.get(answer(app.begin()))[2])["userinfo"]["name"] == "Grace Hopper"
    # What it says of another person is nothing (Core 5.3.2), and without it there is a login all the same.
    op.person = {"sub": "eve", "name": "Eve"}
    status, _, text = app.get(answer(app.begin()))
    assert status == 200 and "name" not in json.loads(text)["userinfo"]
    assert "the UserInfo of op can't be had (OAuthError, invalid_userinfo)" in caplog.text
    op.metadata = {"userinfo_endpoint": f"{op.url}/.well-known/nothing"}
    app = make()
    assert app.get(answer(app.begin()))[0] == 200
    real, op.metadata = op.answer, {"userinfo_endpoint": f"{op.url}/forbidden"}
    op.answer = lambda asked: Answer({}, 403) if asked.path == "/forbidden" else real(asked)
    app = make()
    assert app.get(answer(app.begin()))[0] == 200 and ", 403)" in caplog.text
    op.answer = real
    op.metadata, op.claims, op.person = {}, {"name": "of the token"}, {"sub": "grace", "name": "other"}
    app = make()
    assert json.loads(app.get(answer(app.begin()))[2])["userinfo"]["name"] == "of the token"


def test_without_openid_there_is_no_id_token(make, op):
    app = make(client_kwargs={"scope": "user:email"})
    status, _, text = app.get(answer(app.begin(), code="x"))
    assert status == 200 and "userinfo" not in json.loads(text)


# S29: the state is the browser's.


def test_s29_somebody_elses_answer_is_refused(make, op):
    app = make()
    eve, grace = app.new_browser(), app.new_browser()
    of_eve = app.begin(eve)
    assert "cookie was not sent" in refusal(app, answer(of_eve), grace)["description"]
    app.get("/touch", grace)
    assert "has begun no login" in refusal(app, answer(of_eve), grace)["description"]
    app.begin(grace)
    said = refusal(app, answer(of_eve), grace)
    assert said["error"] == "mismatching_state" and "somebody else" in said["description"]
    assert "/token" not in op.paths()
    assert app.get(answer(of_eve), eve)[0] == 200


def test_s29_with_a_cache_too(make, op):
    cache = Cache()
    app = make(cache)
    eve, grace = app.new_browser(), app.new_browser()
    of_eve = app.begin(eve)
    (kept,) = cache.kept.values()
    assert json.loads(kept[0])["data"]["nonce"] == of_eve["nonce"] and kept[1] == 3600
    app.begin(grace)
    assert refusal(app, answer(of_eve), grace)["error"] == "mismatching_state"
    assert "/token" not in op.paths()
    assert app.get(answer(of_eve), eve)[0] == 200
    # Where whoever asks chooses the state, it is good for the browser that used it last.
    app.get("/login?state=chosen", grace)
    assert app.begin(eve, "/login?state=chosen")["state"] == "chosen"
    said = refusal(app, "/callback?code=c&state=chosen", grace)
    assert said["error"] == "mismatching_state" and "another browser" in said["description"]
    asked = app.begin()
    cache.kept.clear()
    assert "cache" in refusal(app, answer(asked))["description"]


def test_s29_the_error_says_which_cause_it_was(make, monkeypatch):
    app = make()
    asked = app.begin()
    assert app.get(answer(asked))[0] == 200
    assert "used already" in refusal(app, answer(asked))["description"]
    assert "Missing" in refusal(app, answer(asked, state=None))["description"]
    browser = app.new_browser()
    app.begin(browser, "/other")
    assert "another provider" in refusal(app, answer(asked), browser)["description"]
    asked, now = app.begin(), time.time()
    with monkeypatch.context() as later:
        later.setattr("authmint.integrations.base_client.framework_integration.time.time", lambda: now + 3601)
        assert "60 minutes" in refusal(app, answer(asked))["description"]


def test_logins_that_are_not_finished_do_not_fill_the_session(make):
    app = make()
    begun = [app.begin() for _ in range(8)]
    names = json.loads(app.get("/session")[2])
    assert len(names) == 5
    assert app.get(answer(begun[-5]))[0] == 200 and app.get(answer(begun[-1]))[0] == 200
    assert app.get(answer(begun[0]))[0] == 400


def test_an_error_of_the_provider_is_said(make):
    app = make()
    said = refusal(app, answer(app.begin(), code=None, error="access_denied", error_description="no"))
    assert said == {"error": "access_denied", "description": "no"}
    assert refusal(app, answer(app.begin(), code=None))["error"] == "missing_code"
    assert issubclass(MissingCodeError, OAuthError) and issubclass(MissingCodeError, MissingCodeException)
    assert MissingCodeError().error == "missing_code"


def test_s25_a_parameter_that_is_repeated_is_refused(make):
    app = make()
    assert refusal(app, answer(app.begin()) + "&code=other")["error"] == "invalid_request"


def test_s28_an_answer_of_another_issuer_is_refused(make, op):
    app = make()
    assert refusal(app, answer(app.begin(), iss="https://eve.example"))["error"] == "mismatching_issuer"
    assert app.get(answer(app.begin(), iss=op.url))[0] == 200
    op.metadata = {"authorization_response_iss_parameter_supported": True}
    assert refusal(make(), answer(make().begin()))["error"] == "mismatching_state"
    app = make()
    assert refusal(app, answer(app.begin()))["error"] == "mismatching_issuer"
    assert "/token" not in op.paths()[-2:]


@pytest.mark.parametrize("issuer", ["https://eve.example", "http://localhost:1", "", None, ["https://op.example"]])
def test_s28_metadata_of_another_issuer_is_refused(make, op, issuer):
    op.metadata = {"issuer": issuer}
    assert refusal(make(), "/login")["error"] == "invalid_metadata"
    if isinstance(issuer, str):
        assert make(issuer=issuer).begin()["client_id"] == "app"
    op.metadata = {}
    assert refusal(make(issuer="https://op.example"), "/login")["error"] == "invalid_metadata"


def test_an_address_that_is_none_of_metadata_is_named(make, op):
    page = Server(lambda asked: Answer(b"<!doctype html>"))
    said = refusal(make(server_metadata_url=f"{page.url}/"), "/login")
    page.close()
    assert said["error"] == "invalid_metadata"
    assert page.url in said["description"] and "/.well-known/openid-configuration" in said["description"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"client_id": None}, "Missing client_id of 'dev'"),
        ({"server_metadata_url": None}, 'Missing "authorize_url" value: say server_metadata_url'),
        ({"client_kwargs": {"token_endpoint_auth_method": "client_secret_pots"}}, "private_key_jwt"),
    ],
)
def test_what_was_not_said_of_a_provider_is_named(op, missing, sentence):
    from flask import Flask

    from authmint.integrations.flask_client import OAuth

    client = OAuth(Flask("app")).register(
        "dev", **{"client_id": "app", "client_secret": "s", "server_metadata_url": op.discovery, **missing}
    )
    with pytest.raises((RuntimeError, ValueError), match=sentence):
        client.create_authorization_url("http://localhost/callback")
        client.fetch_access_token(code="k")


def test_s22_metadata_comes_over_a_secure_way(make):
    said = refusal(make(server_metadata_url="http://op.example/.well-known/openid-configuration"), "/login")
    assert said["error"] == "insecure_transport"


@pytest.mark.parametrize("name", ["token_endpoint", "authorization_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize("endpoint", ["http://op.example/x", "javascript:alert(1)", "file:///etc/passwd", 7])
def test_s22_endpoints_have_a_secure_scheme(op, name, endpoint):
    op.metadata = {name: endpoint}
    with pytest.raises(ValueError, match=name):
        APPS["flask"](server_metadata_url=op.discovery).client.load_server_metadata()


def test_s21_metadata_sets_nothing_in_the_http_library(make, op):
    op.metadata = {"verify": False, "proxy": "http://127.0.0.1:1", "transport": 1, "leeway": "x", "dpop": True, "timeout": 0}
    app = make()
    assert app.get(answer(app.begin()))[0] == 200


# The ID token (S01 to S15).


def id_token_of(app: App, op: Provider, token: str, nonce: str | None = "n", **kwargs: Any) -> Any:
    return app.call(lambda: app.client.parse_id_token({"id_token": token, "access_token": "at"}, nonce, **kwargs))


def test_an_id_token_is_parsed(make, op):
    app = make()
    person = id_token_of(app, op, op.id_token("n"))
    assert person.name == "Grace Hopper" and person["sub"] == "grace"
    assert app.call(lambda: app.client.parse_id_token({"access_token": "at"}, "n")) is None
    assert id_token_of(app, op, op.id_token(None), None).sub == "grace"
    # As it was called before Authlib 1.0. A Mapping, as requests of Starlette are, has no ID token.
    with pytest.raises(TypeError, match="takes no request.*userinfo"):
        app.call(lambda: app.client.parse_id_token({"method": "GET"}, {"id_token": op.id_token("n")}))


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"iss": "https://eve.example"}, errors.InvalidClaimError),
        ({"iss": None}, errors.MissingClaimError),
        ({"aud": "another"}, errors.InvalidClaimError),
        ({"aud": None}, errors.MissingClaimError),
        ({"aud": ["app", "another"]}, errors.MissingClaimError),
        ({"aud": ["app", "another"], "azp": "another"}, errors.InvalidClaimError),
        ({"azp": "another"}, errors.InvalidClaimError),
        ({"exp": 1}, errors.ExpiredTokenError),
        ({"exp": None}, errors.MissingClaimError),
        ({"iat": None}, errors.MissingClaimError),
        ({"sub": None}, errors.MissingClaimError),
        ({"nonce": None}, errors.MissingClaimError),
        ({"nonce": "other"}, errors.InvalidClaimError),
        ({"nonce": 1}, errors.InvalidClaimError),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, errors.InvalidClaimError),
        ({"at_hash": 1}, errors.InvalidClaimError),
        ({"amr": "pwd"}, errors.InvalidClaimError),
        ({"auth_time": "now"}, errors.InvalidClaimError),
    ],
)
def test_s14_an_id_token_is_of_this_login(make, op, claims, error):
    with pytest.raises(error):
        id_token_of(make(), op, op.id_token("n", **claims))


def test_s01_s02_s16_an_id_token_is_of_the_keys_of_its_issuer(make, op):
    app = make()
    good = op.id_token("n")
    head, body, _ = good.split(".")
    b64 = lambda data: base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()
    for token in (f"{b64({'alg': 'none'})}.{body}.", f"{head}.{body}.", good[:-2], good + "x"):
        with pytest.raises(errors.JoseError):
            id_token_of(app, op, token)
    secret = op.key.as_pem().decode()
    with pytest.raises(errors.JoseError):
        id_token_of(app, op, jwt.encode({"alg": "HS256"}, {"sub": "eve"}, b"x" * 32).decode())
    assert secret
    eve = Key.import_key(key_for("ES256"), {"kid": "one"})
    op.header, op.signing_key = {"alg": "ES256", "kid": "one"}, eve
    with pytest.raises(errors.JoseError):
        id_token_of(app, op, op.id_token("n"))


def test_a_secret_signs_an_id_token_where_the_provider_says_so(make, op):
    secret = "a secret that is long enough for HS256"
    op.header, op.signing_key = {"alg": "HS256"}, secret
    app = make(client_secret=secret)
    assert id_token_of(app, op, op.id_token("n")).sub == "grace"
    op.metadata = {"id_token_signing_alg_values_supported": ["RS256"]}
    with pytest.raises(errors.UnsupportedAlgorithmError):
        id_token_of(make(client_secret=secret), op, op.id_token("n"))


@pytest.mark.parametrize("secret", [None, "short"])
def test_s11_a_secret_that_verifies_nothing_is_a_mistake_of_the_application(make, op, secret):
    op.header, op.signing_key = {"alg": "HS256"}, "a secret that is long enough for HS256"
    with pytest.raises(RuntimeError, match="client_secret of 'op' verifies no ID token by HS256"):
        id_token_of(make(client_secret=secret), op, op.id_token("n"))
    named = {"keys": [{"kty": "oct", "k": base64.urlsafe_b64encode(b"short").rstrip(b"=").decode()}]}
    with pytest.raises(RuntimeError, match="no secret among the jwks of .* 32 bytes for HS256"):
        id_token_of(make(jwks=named), op, op.id_token("n"))
    op.signing_key = OctKey.import_key("short", {"allow_short_secret": True})
    assert id_token_of(make(jwks=op.signing_key), op, op.id_token("n")).sub == "grace", "where the application says so"
    op.metadata = {"id_token_signing_alg_values_supported": ["RS256"]}
    with pytest.raises(errors.UnsupportedAlgorithmError, match="op signs no ID tokens by HS256"):
        id_token_of(make(client_secret=secret), op, op.id_token("n"))


def test_what_is_wrong_with_an_id_token_is_an_error_of_joserfc_too(make, op, monkeypatch):
    theirs = pytest.importorskip("joserfc.errors")
    app = make()
    for claims, kind in (
        ({"aud": "other"}, theirs.InvalidClaimError),
        ({"nonce": None}, theirs.MissingClaimError),
        ({"exp": 1}, theirs.ExpiredTokenError),
    ):
        with pytest.raises(kind) as refused:
            id_token_of(app, op, op.id_token("n", **claims))
        name = kind.__name__
        assert isinstance(refused.value, getattr(errors, name)) and type(refused.value).__name__ == name
        assert refused.value.error == kind.error and str(refused.value).startswith(f"{kind.error}: ")
    with pytest.raises(theirs.BadSignatureError):
        id_token_of(app, op, op.id_token("n")[:-4] + "AAAA")
    op.header = {"alg": "RS256", "kid": "unknown"}
    with pytest.raises(theirs.InvalidKeyIdError):
        id_token_of(app, op, op.id_token("n"))
    monkeypatch.delitem(sys.modules, "joserfc.errors")
    with pytest.raises(errors.KeyNotFoundError) as refused:
        id_token_of(app, op, op.id_token("n"))
    assert type(refused.value) is errors.KeyNotFoundError


def test_what_an_application_has_made_its_own_is_used(op):
    from flask import Flask

    from authmint.integrations.flask_client import FlaskOAuth2App, OAuth

    asked = []

    class Own(FlaskOAuth2App):
        def load_server_metadata(self):
            return {**super().load_server_metadata(), "authorization_endpoint": "https://op.example/mine"}

        def fetch_access_token(self, redirect_uri=None, **kwargs):
            asked.append(("token", redirect_uri, kwargs["code"]))
            return super().fetch_access_token(redirect_uri, **kwargs)

        def parse_id_token(self, token, nonce, claims_options=None, claims_cls=None, leeway=120):
            asked.append(("id_token", nonce))
            return super().parse_id_token(token, nonce, claims_options, claims_cls, leeway)

        def fetch_jwk_set(self, force=False):
            asked.append(("keys", force))
            return super().fetch_jwk_set(force)

    app = Flask("test")
    app.secret_key = "a secret of the cookies"
    said = {"client_id": "app", "client_secret": "s3cret", "client_kwargs": {"scope": "openid"}}
    client = OAuth(app).register("op", server_metadata_url=op.discovery, client_cls=Own, **said)
    browser = app.test_client()
    app.add_url_rule("/login", "login", lambda: client.authorize_redirect("http://localhost/callback", nonce="n"))
    app.add_url_rule("/callback", "callback", lambda: client.authorize_access_token()["userinfo"])
    url = browser.get("/login").location
    assert url.startswith("https://op.example/mine?")
    state = dict(part.split("=") for part in url.partition("?")[2].split("&"))["state"]
    assert browser.get(f"/callback?code=n-n&state={state}").json["sub"] == "grace"
    assert asked == [("token", "http://localhost/callback", "n-n"), ("id_token", "n"), ("keys", False)]


def test_who_asks(op):
    from flask import Flask

    from authmint.integrations.flask_client import OAuth

    session = OAuth(Flask("test")).register("op", client_id="app")._get_oauth_client()
    assert str(session.headers["User-Agent"]).startswith("Authmint/") and "Authlib/" in session.headers["User-Agent"]


def test_a_key_that_is_not_there_is_looked_for(make, op):
    app = make(server_metadata_url=None, issuer=op.url, jwks={"keys": [Key.import_key(key_for("ES256"), {"kid": "x"}).as_dict()]})
    with pytest.raises(RuntimeError, match="jwks_uri"):
        id_token_of(app, op, op.id_token("n"))
    app = make(server_metadata_url=None, issuer=op.url, jwks={"keys": []}, jwks_uri=f"{op.url}/jwks")
    assert id_token_of(app, op, op.id_token("n")).sub == "grace"


def test_keys_may_be_rotated(make, op):
    app = make()
    assert id_token_of(app, op, op.id_token("n")).sub == "grace"
    op.key, op.header = Key.import_key(key_for("ES256"), {"kid": "two"}), {"alg": "ES256", "kid": "two"}
    assert id_token_of(app, op, op.id_token("n")).sub == "grace"
    assert op.paths().count("/jwks") == 2


def test_s14_a_tenant_is_the_one_that_the_token_says(op):
    tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
    op.metadata = {"issuer": f"{op.url}/{{tenantid}}/v2.0"}
    app = APPS["flask"](server_metadata_url=op.discovery)
    good = op.id_token("n", iss=f"{op.url}/{tenant}/v2.0", tid=tenant)
    assert id_token_of(app, op, good)["tid"] == tenant
    for claims in (
        {"iss": f"{op.url}/{tenant}/v2.0"},
        {"iss": f"{op.url}/common/v2.0", "tid": "common"},
        {"iss": f"{op.url}/{tenant}/v2.0", "tid": "00000000-0000-0000-0000-000000000000"},
        {"iss": "https://eve.example", "tid": tenant},
        {"iss": f"{op.url}/{tenant}/v2.0", "tid": [tenant]},
    ):
        with pytest.raises(errors.InvalidClaimError):
            id_token_of(app, op, op.id_token("n", **claims))


def test_options_of_claims_are_asked(make, op):
    app = make()
    options = {"iss": {"values": [op.url]}, "tenant": {"essential": True}}
    with pytest.raises(errors.MissingClaimError):
        id_token_of(app, op, op.id_token("n"), claims_options=options)
    assert id_token_of(app, op, op.id_token("n", tenant=7), claims_options=options).sub == "grace"
    with pytest.raises(errors.InvalidClaimError):
        id_token_of(app, op, op.id_token("n", tenant=7, aud="x"), claims_options=options)


# Requests, UserInfo, logout.


def test_userinfo(make, op):
    app = make()
    assert app.call(lambda: app.client.userinfo(token=op.token)).name == "Grace Hopper"
    assert op.asked[-1].headers["authorization"] == "Bearer at"
    with pytest.raises(OAuthError, match="another person"):
        app.call(lambda: app.client.userinfo(token={**op.token, "userinfo": {"sub": "eve"}}))
    fixed = make(userinfo_compliance_fix=lambda client, data: {"sub": data["sub"], "name": "fixed"})
    assert fixed.call(lambda: fixed.client.userinfo(token=op.token)).name == "fixed"


def test_an_api_is_called(make, op):
    kept: list[Any] = []
    app = make(
        api_base_url=f"{op.url}/api/", update_token=lambda token, refresh, access: kept.append((token["access_token"], refresh))
    )
    assert app.call(lambda: app.client.get("user", token=op.token)).json()["path"] == "/api/user"
    for name in ("post", "put", "patch", "delete"):
        if name in ("post",):
            assert app.call(lambda: app.client.post("user", token=op.token)).status_code == 200
    old = {**op.token, "expires_at": 1}
    renewed = app.call(lambda: app.client.get("user", token=old)).json()
    assert renewed["authorization"] == "Bearer renewed" and kept == [("renewed", "rt")]
    with pytest.raises(OAuthError, match="missing_token"):
        app.call(lambda: app.client.get("user"))
    assert app.call(lambda: app.client.request("GET", "user", withhold_token=True)).json()["authorization"] is None
    found = make(fetch_token=lambda *_: op.token, api_base_url=f"{op.url}/api/")
    given = {} if type(app).__name__ == "FlaskApp" else {"request": object()}
    assert found.call(lambda: found.client.get("user", **given)).json()["authorization"] == "Bearer at"


def test_a_person_logs_out(make, op):
    app = make()
    asked = app.begin(path="/logout")
    assert asked["url"].startswith(f"{op.url}/logout?") and asked["id_token_hint"] == "hint" and asked["client_id"] == "app"
    assert asked["post_logout_redirect_uri"] == "http://localhost/out"
    status, _, text = app.get(f"/out?state={asked['state']}")
    assert status == 200 and json.loads(text) == {"post_logout_redirect_uri": "http://localhost/out"}
    assert refusal(app, f"/out?state={asked['state']}")["error"] == "mismatching_state"
    assert refusal(app, "/out")["error"] == "mismatching_state"
    assert refusal(app, answer(app.begin(path="/logout")))["error"] == "mismatching_state"
    made = app.call(lambda: app.client.create_logout_url())
    assert made == {"url": f"{op.url}/logout", "state": None}


def test_a_provider_without_metadata(make, op):
    app = make(
        server_metadata_url=None,
        authorize_url=f"{op.url}/authorize",
        access_token_url=f"{op.url}/token",
        jwks_uri=f"{op.url}/jwks",
        issuer=op.url,
    )
    assert app.get(answer(app.begin()))[0] == 200
    app = make(
        server_metadata_url=None,
        authorize_url=f"{op.url}/authorize",
        access_token_url=f"{op.url}/token",
        jwks={"keys": [op.key.as_dict()]},
        issuer=op.url,
    )
    assert app.get(answer(app.begin()))[0] == 200
    bare = make(server_metadata_url=None)
    for steps in (
        lambda: bare.client.create_authorization_url("x"),
        lambda: bare.client.fetch_access_token(code="x"),
        lambda: bare.client.create_logout_url(),
        lambda: bare.client.userinfo(token=op.token),
    ):
        with pytest.raises(RuntimeError, match="Missing"):
            bare.call(steps)


def test_the_registry(make):
    app = make()
    assert app.oauth.op is app.client is app.oauth.create_client("op")
    assert app.oauth.create_client("unknown") is None
    with pytest.raises(AttributeError, match="unknown"):
        app.oauth.unknown  # noqa: B018
    with pytest.raises(NotImplementedError, match="OAuth 1"):
        app.oauth.register("twitter", request_token_url="https://api.example/request")
    assert app.client._get_oauth_client(token_endpoint="https://x.example").metadata["token_endpoint"] == "https://x.example"

    class Known(type(app.client)):
        OAUTH_APP_CONFIG = {"authorize_url": "https://known.example/authorize", "client_kwargs": {"scope": "email"}}

    known = app.oauth.register("known", client_cls=Known, client_id="said")
    assert known.authorize_url == "https://known.example/authorize" and known.client_id == "said"
    fixed: list[Any] = []
    other = make(compliance_fix=fixed.append)
    assert other.begin() and len(fixed) >= 1


def test_settings_of_the_framework(op):
    from starlette.config import Config

    from authmint.integrations.django_client import OAuth as DjangoOAuth
    from authmint.integrations.flask_client import OAuth as FlaskOAuth
    from authmint.integrations.starlette_client import OAuth as StarletteOAuth

    flask = APPS["flask"]()
    flask.app.config.update(DEV_CLIENT_ID="set", DEV_CLIENT_SECRET="s", DEV_CLIENT_KWARGS={"scope": "email"})
    oauth = FlaskOAuth(flask.app)
    client = oauth.register("dev", client_secret="said")
    assert (client.client_id, client.client_secret, client.client_kwargs) == ("set", "said", {"scope": "email"})
    assert oauth.register("dev", overwrite=True, client_secret="said").client_secret == "s"
    late = FlaskOAuth()
    proxy = late.register("dev")
    with pytest.raises(RuntimeError, match="init"):
        late.create_client("dev")
    late.init_app(flask.app)
    assert proxy.client_id == "set" and late.dev.client_id == "set"
    APPS["django"]()
    assert DjangoOAuth().register("set").client_id == "of the settings"
    starlette = StarletteOAuth(Config(environ={"DEV_CLIENT_ID": "set", "DEV_CLIENT_SECRET": "s"}))
    assert starlette.register("dev").client_id == "set"


def test_signals_say_that_a_token_was_renewed(op):
    from authmint.integrations import django_client, flask_client

    told: list[Any] = []

    def hear(sender: Any, name: str, token: Any, refresh_token: Any = None, access_token: Any = None, **_: Any) -> None:
        told.append((name, token["access_token"], refresh_token))

    flask_client.token_update.connect(hear)
    django_client.token_update.connect(hear)
    for name in ("flask", "django"):
        app = APPS[name](server_metadata_url=op.discovery)
        app.call(lambda app=app: app.client.get(f"{op.url}/api", token={**op.token, "expires_at": 1}))
    assert told == [("op", "renewed", "rt")] * 2


def test_flask_keeps_the_token_of_a_request(op):
    app = APPS["flask"](server_metadata_url=op.discovery, fetch_token=lambda: {"access_token": "kept", "token_type": "bearer"})
    with app.app.test_request_context():
        assert app.client.get(f"{op.url}/api").json()["authorization"] == "Bearer kept"
        app.client.token = {"access_token": "new", "token_type": "bearer"}
        assert app.client.get(f"{op.url}/api").json()["authorization"] == "Bearer new"


def test_a_provider_that_is_down_is_not_asked_for_what_is_known(make, op, monkeypatch):
    app = make()
    assert app.get(answer(app.begin()))[0] == 200
    now = time.time()
    monkeypatch.setattr("authmint.integrations.base_client.provider.time.time", lambda: now + 25 * 3600)
    good = op.answer
    op.answer = lambda asked: good(asked) if asked.path == "/token" else type(good(asked))(b"down", 503)
    assert app.begin()["client_id"] == "app"


def test_answers_may_be_mocks_and_requests_bare(monkeypatch):
    """As tests of applications make them: a mock in the place of HTTP, a request context, a scope of Starlette's."""
    from unittest import mock

    import httpx2
    import requests
    from flask import session
    from starlette.requests import Request

    answer_of = mock.MagicMock(spec=requests.Response)
    answer_of.status_code, answer_of.json = 200, lambda: {"access_token": "a", "token_type": "bearer"}
    given = {"access_token_url": "https://op.example/token", "authorize_url": "https://op.example/authorize", "client_kwargs": {}}
    app = APPS["flask"](**given)
    with app.app.test_request_context():
        location = app.client.authorize_redirect("https://app.example/callback").headers["Location"]
        state = location.partition("state=")[2].partition("&")[0]
        kept = session[f"_state_op_{state}"]
        assert set(kept) == {"data", "exp"} and kept["data"]["redirect_uri"] == "https://app.example/callback"
    with app.app.test_request_context(path=f"/?code=c&state={state}"):
        session[f"_state_op_{state}"] = {"data": kept["data"]}
        with mock.patch("requests.sessions.Session.send", return_value=answer_of) as send:
            assert app.client.authorize_access_token()["access_token"] == "a"
            assert app.client.token["access_token"] == "a"
            assert "grant_type=authorization_code" in send.call_args.args[0].body

    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json={"access_token": "a", "token_type": "bearer"}))
    app = APPS["starlette"](**{**given, "client_kwargs": {"transport": transport}})
    scope: dict[str, Any] = {"type": "http", "session": {}}
    location = app.call(lambda: app.client.authorize_redirect(Request(scope), "https://app.example/callback")).headers["Location"]
    state = location.partition("state=")[2].partition("&")[0]
    scope.update({"path": "/", "query_string": f"code=c&state={state}"})
    assert app.call(lambda: app.client.authorize_access_token(Request(scope)))["access_token"] == "a"


def test_a_secret_among_the_keys_that_the_application_names(op):
    secret = JsonWebKey.import_key("a secret that is long enough for HS256", {"kty": "oct", "kid": "f"})
    named = {"jwks": {"keys": [secret.as_dict(is_private=True)]}, "id_token_signing_alg_values_supported": ["HS256", "RS256"]}
    app = APPS["flask"](server_metadata_url=None, issuer="https://op.example", **named)
    now = int(time.time())
    claims = {"iss": "https://op.example", "aud": "app", "sub": "grace", "iat": now, "exp": now + 60, "nonce": "n"}
    token = jwt.encode({"alg": "HS256"}, claims, secret).decode()
    assert id_token_of(app, op, token).sub == "grace"
    # What is published is no secret, whatever it is called.
    app = APPS["flask"](server_metadata_url=op.discovery)
    op.metadata = {"jwks": named["jwks"]}
    with pytest.raises(errors.JoseError):
        id_token_of(app, op, jwt.encode({"alg": "HS256"}, {**claims, "iss": op.url}, secret).decode())


def test_s37_tokens_of_all_sessions_are_bound_to_one_key(make, op):
    thumbprints: list[str] = []

    def of_proof(asked: Any) -> Any:
        proof = jwt.decode(asked.headers["dpop"], lambda header, _: header["jwk"])
        thumbprints.append(JsonWebKey.import_key(proof.header["jwk"]).thumbprint())
        answered = good(asked)
        if isinstance(answered.body, dict) and "access_token" in answered.body:
            answered.body["token_type"] = "DPoP"
        return answered

    good = op.answer
    app = make(
        client_kwargs={"scope": "profile", "dpop": True},
        server_metadata_url=None,
        access_token_url=f"{op.url}/token",
        authorize_url=f"{op.url}/authorize",
    )
    op.answer = of_proof
    token = json.loads(app.get(answer(app.begin()))[2])
    assert app.call(lambda: app.client.get(f"{op.url}/api", token=token)).status_code == 200
    assert op.asked[-1].headers["authorization"] == "DPoP at" and len(set(thumbprints)) == 1 and len(thumbprints) == 2


def test_s29_flask_keeps_no_token_for_the_next_request(op):
    who = {"access_token": "of grace", "token_type": "bearer"}
    app = APPS["flask"](server_metadata_url=op.discovery, fetch_token=lambda: who)
    # A context that a program pushes by hand is the one of all its requests, and so is its `g`.
    with app.app.app_context():
        for name in ("of grace", "of eve"):
            who = {"access_token": name, "token_type": "bearer"}
            with app.app.test_request_context():
                assert app.client.get(f"{op.url}/api").json()["authorization"] == f"Bearer {name}"


def test_s28_a_state_is_of_the_provider_that_the_login_was_begun_at(op):
    from authmint.integrations.base_client import FrameworkIntegration
    from authmint.oauth2.steps import run

    session: dict[str, Any] = {}
    run(FrameworkIntegration("corp_eve").setting(session, "x", {"nonce": "n"}))
    run(FrameworkIntegration("corp").setting(session, "eve_y", {}))
    # What begins with one's name may be another's.
    for name, state in (("corp", "eve_x"), ("corp_eve", "y")):
        with pytest.raises(OAuthError, match="state"):
            run(FrameworkIntegration(name).taking(session, state))
    assert run(FrameworkIntegration("corp_eve").taking(session, "x")) == {"nonce": "n"}
    # One that a test of an application puts there by hand names nobody.
    assert run(FrameworkIntegration("corp").taking({"_state_corp_y": {"data": {"a": 1}}}, "y")) == {"a": 1}


def test_s20_tokens_of_strangers_fetch_no_keys(make, op):
    app = make()
    app.call(lambda: app.client.parse_id_token({"id_token": op.id_token("n")}, "n"))
    op.header = {"alg": "RS256", "kid": "unknown"}
    for _ in range(5):
        with pytest.raises(errors.JoseError):
            app.call(lambda: app.client.parse_id_token({"id_token": op.id_token("n")}, "n"))
    assert op.paths().count("/jwks") <= 2, "one look whether the provider has rotated its keys"


def test_s32_a_login_is_as_fresh_as_was_asked_for(make, op):
    app = make()
    asked = app.begin(path="/login?max_age=300")
    assert asked["max_age"] == "300"
    # The person, or who sits at their browser, may have taken it out of the address.
    for op.claims in ({"auth_time": int(time.time()) - 3600}, {}):
        try:
            status = app.get(answer(app.begin(path="/login?max_age=300")))[0]
        except (errors.InvalidClaimError, errors.MissingClaimError):
            status = 500
        assert status == 500
    op.claims = {"auth_time": int(time.time()) - 10}
    assert app.get(answer(app.begin(path="/login?max_age=300")))[0] == 200
    op.claims = {"auth_time": 1}
    assert app.get(answer(app.begin()))[0] == 200


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "logout+jwt", "AT+JWT"])
def test_s15_a_token_of_another_kind_is_no_id_token(make, op, typ):
    app = make()
    token = {"access_token": "at", "id_token": op.id_token(None)}
    assert app.call(lambda: app.client.parse_id_token(token, None))["sub"] == "grace"
    op.header = {**op.header, "typ": typ}
    with pytest.raises(errors.JoseError, match="typ"):
        app.call(lambda: app.client.parse_id_token({"access_token": "at", "id_token": op.id_token(None)}, None))


@pytest.mark.parametrize(
    "path", ["//eve.example/x", "HTTPS://eve.example/x", "/\\eve.example", "ftp://eve.example/", "\t//eve.example/"]
)
def test_s18_a_path_leads_to_no_other_host(make, op, path):
    app, sent = make(api_base_url=f"{op.url}/v1/"), len(op.asked)
    token = {"access_token": "a-secret", "token_type": "bearer"}
    try:
        app.call(lambda: app.client.get(path, token=token))
    except ValueError as error:
        assert "api_base_url" in str(error)
    else:
        assert op.asked[sent:][-1].headers["authorization"] == "Bearer a-secret"
    assert app.call(lambda: app.client.get("user", token=token)).json()["path"] == "/v1/user"
    assert app.call(lambda: app.client.get("/user", token=token)).json()["path"] == "/user"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks"])
def test_s22_no_redirect_leads_off_the_secure_way(make, op, path, monkeypatch):
    real = op.answer

    def moved(asked: Any) -> Any:
        return Answer({}, 302, {"Location": f"{op.url}/moved{path}"}) if asked.path == path else real(asked)

    op.answer = moved
    seen: list[str] = []

    def secure(uri: str) -> bool:
        seen.append(uri)
        return "/moved" not in uri

    from authmint.integrations.base_client import provider as module

    monkeypatch.setattr(module, "is_secure_transport", secure)
    app = make()
    with pytest.raises(Exception):  # noqa: B017
        app.call(lambda: app.client.parse_id_token({"id_token": op.id_token("n")}, "n"))
    assert "/moved" in "".join(seen) or not any("/moved" in one for one in op.paths())


def test_userinfo_is_of_the_person_whose_token_is_used(op):
    app = APPS["flask"](server_metadata_url=op.discovery)
    op.person = {"sub": "eve", "name": "Eve"}
    with app.app.test_request_context():
        app.client.token = {**op.token, "userinfo": {"sub": "grace"}}
        with pytest.raises(OAuthError, match="another person"):
            app.client.userinfo()
        op.person = {"id": 7}
        with pytest.raises(OAuthError, match=r'no "sub".*get\('):
            app.client.userinfo()


@pytest.mark.parametrize("said", [b'{"sub":"grace","sub":"eve"}', b"[1]", b'"grace"', b"[" * 100_000])
def test_s05_userinfo_is_read_strictly(make, op, said):
    op.answer = (lambda real: lambda asked: Answer(said) if asked.path == "/userinfo" else real(asked))(op.answer)
    app = make()
    with pytest.raises(OAuthError, match="JSON object"):
        app.call(lambda: app.client.userinfo(token=dict(op.token)))


def test_s28_metadata_at_an_address_of_its_own_is_of_an_issuer_there(op):
    real = op.answer
    op.answer = lambda asked: real(
        Asked("GET", "/.well-known/openid-configuration", {}, "") if asked.path == "/custom" else asked
    )
    register = {"server_metadata_url": f"{op.url}/custom"}
    assert APPS["flask"](**register).begin()["client_id"] == "app"
    # Whose metadata names the issuer of others has what is signed for those, or meant for those.
    op.metadata = {"issuer": "https://login.example"}
    assert refusal(APPS["flask"](**register), "/login")["error"] == "invalid_metadata"
    assert APPS["flask"](**register, issuer="https://login.example").begin()["client_id"] == "app"


@pytest.mark.parametrize("is_cached", [False, True])
def test_s29_nobody_ends_the_login_of_somebody_else(is_cached):
    from authmint.integrations.base_client import FrameworkIntegration

    class Cache(dict):
        def set(self, key, value, expires_in):
            self[key] = value

        def delete(self, key):
            self.pop(key, None)

    cache = Cache() if is_cached else None
    framework, longer = FrameworkIntegration("op", cache), FrameworkIntegration("op_a", cache)
    mine: dict = {}
    framework.set_state_data(mine, "a_s", {"nonce": "n"})
    framework.clear_state_data({}, "a_s")
    longer.clear_state_data(mine, "s")
    assert framework.get_state_data(mine, "a_s") == {"nonce": "n"}
    framework.clear_state_data(mine, "a_s")
    assert framework.get_state_data(mine, "a_s") is None and not cache and not mine


@pytest.mark.parametrize("cache", [None, Cache])
def test_an_application_may_look_at_what_is_kept(op, cache):
    from authmint.integrations.flask_client import OAuth
    from authmint.integrations.flask_client.integration import FlaskIntegration

    kept: dict[str, Any] = {}
    framework = FlaskIntegration("op", cache and cache())
    framework.set_state_data(kept, "s", {"next": "/cart"})
    assert framework.get_state_data(kept, "s") == framework.get_state_data(kept, "s") == {"next": "/cart"}
    assert framework.get_state_data(kept, "t") is framework.get_state_data({}, "s") is framework.get_state_data(None, "s") is None
    framework.clear_state_data(kept, "s")
    assert framework.get_state_data(kept, "s") is None and kept == {}
    assert OAuth.framework_integration_cls is FlaskIntegration


@pytest.mark.parametrize("with_cache", [False, True])
def test_an_application_may_await_what_is_kept(with_cache):
    import asyncio

    from authmint.integrations.starlette_client.integration import StarletteIntegration

    class AwaitedCache:
        def __init__(self) -> None:
            self.plain = Cache()

        async def get(self, key: str) -> Any:
            return self.plain.get(key)

        async def set(self, key: str, value: str, timeout: int) -> None:
            self.plain.set(key, value, timeout)

        async def delete(self, key: str) -> None:
            self.plain.delete(key)

    async def go() -> None:
        kept: dict[str, Any] = {}
        framework = StarletteIntegration("op", AwaitedCache() if with_cache else None)
        await framework.set_state_data(kept, "s", {"next": "/cart"})
        assert await framework.get_state_data(kept, "s") == {"next": "/cart"}
        await framework.clear_state_data(kept, "s")
        assert await framework.get_state_data(kept, "s") is None and kept == {}

    asyncio.run(go())


def test_settings_may_come_from_anywhere(op):
    from flask import Flask

    from authmint.integrations.flask_client import OAuth
    from authmint.integrations.flask_client.integration import FlaskIntegration

    class Integration(FlaskIntegration):
        @staticmethod
        def load_config(oauth: Any, name: str, params: tuple[str, ...]) -> dict[str, Any]:
            return {"client_id": f"id-of-{name}"}

    class Providers(OAuth):
        framework_integration_cls = Integration

    assert Providers(Flask("test")).register("op").client_id == "id-of-op"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("flask_client.integration", ["FlaskIntegration", "token_update"]),
        ("django_client.integration", ["DjangoIntegration", "token_update"]),
        ("starlette_client.integration", ["StarletteIntegration"]),
        ("base_client.framework_integration", ["FrameworkIntegration"]),
        ("requests_client.oauth2_session", ["OAuth2Auth", "OAuth2ClientAuth", "OAuth2Session"]),
        ("requests_client.assertion_session", ["AssertionSession"]),
        ("httpx_client.oauth2_client", ["AsyncOAuth2Client", "OAuth2Auth", "OAuth2Client", "OAuth2ClientAuth"]),
        ("httpx_client.assertion_client", ["AssertionClient", "AsyncAssertionClient"]),
        ("flask_oauth2.errors", ["raise_http_exception"]),
        ("flask_oauth2.resource_protector", ["ResourceProtector", "current_token"]),
        ("django_oauth2.resource_protector", ["BearerTokenValidator", "ResourceProtector", "return_error_response"]),
    ],
)
def test_names_by_module(module, names):
    import importlib

    found = importlib.import_module(f"authmint.integrations.{module}")
    assert all(hasattr(found, name) for name in names)
