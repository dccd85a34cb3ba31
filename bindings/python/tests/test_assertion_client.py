"""`AssertionSession` on Requests: a service account."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from requests import Session

from authmint.integrations.requests_client import AssertionSession, OAuth2Session
from authmint.jose import JsonWebKey, jwt
from authmint.oauth2 import OAuth2Error
from conftest import SECRET, key_for
from server import TOKEN, Answer, Asked, Server


@pytest.fixture
def server():
    made = Server(lambda asked: Answer(dict(TOKEN)))
    yield made
    made.close()


def test_an_assertion_is_exchanged_for_a_token(server):
    key = key_for("RS256")
    session = AssertionSession(
        f"{server.url}/token",
        "robot@example",
        "ada@example",
        claims={"scope": "calendar"},
        scope="calendar",
        header={"alg": "RS256", "kid": "7"},
        key=key.as_pem(is_private=True).decode(),
    )
    assert session.get(f"{server.url}/events").ok and session.get(f"{server.url}/events").ok
    assert [asked.path for asked in server.asked] == ["/token", "/events", "/events"]
    form = server.asked[0].form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and form["scope"] == "calendar"
    claims = jwt.decode(form["assertion"], key)
    assert claims.header == {"alg": "RS256", "kid": "7", "typ": "JWT"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("robot@example", "ada@example", f"{server.url}/token")
    assert claims["exp"] - claims["iat"] == 3600 and claims["scope"] == "calendar" and len(claims["jti"]) == 36
    assert server.asked[1].headers["authorization"] == "Bearer at"
    session.get(f"{server.url}/open", withhold_token=True)
    assert "authorization" not in server.asked[-1].headers


def test_every_request_has_the_timeout_of_its_session(server, monkeypatch):
    seen: list[tuple[str, float | None]] = []
    send = Session.send

    def watched(self, request, **kwargs):
        seen.append((request.path_url, kwargs["timeout"]))
        return send(self, request, **kwargs)

    monkeypatch.setattr(Session, "send", watched)
    account = AssertionSession(f"{server.url}/token", "robot", "ada", key=SECRET, alg="HS256", default_timeout=7)
    person = OAuth2Session(
        "app", "s3cret", default_timeout=7, token_endpoint=f"{server.url}/token", grant_type="client_credentials"
    )
    for session in (account, person):
        seen.clear()
        session.get(f"{server.url}/api")
        session.get(f"{server.url}/api", timeout=3)
        session.get(f"{server.url}/open", withhold_token=True)
        assert seen == [("/token", 7), ("/api", 7), ("/api", 3), ("/open", 7)]


@pytest.mark.parametrize("form", ["jwk", "key", "secret"])
def test_keys_of_every_form(server, form):
    key = JsonWebKey.generate_key("EC", "P-256", {"kid": "a"}, is_private=True)
    given, alg = {"jwk": (key.as_dict(is_private=True), "ES256"), "key": (key, "ES256"), "secret": (SECRET, "HS256")}[form]
    session = AssertionSession(
        f"{server.url}/token", "robot", None, audience="https://op.example", client_id="c", key=given, alg=alg
    )
    session.refresh_token()
    claims = jwt.decode(server.asked[0].form["assertion"], SECRET if form == "secret" else key)
    assert claims["aud"] == "https://op.example" and "sub" not in claims
    assert claims.header.get("kid") == (None if form == "secret" else "a")
    assert server.asked[0].form["client_id"] == "c"


def test_threads_fetch_one_token_and_a_new_one_in_time(server):
    def answer(asked: Asked) -> Answer:
        time.sleep(0.05 if asked.path == "/token" else 0)
        return Answer(dict(TOKEN))

    server.answer = answer
    session = AssertionSession(f"{server.url}/token", "robot", "robot", key=SECRET, alg="HS256")
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: session.get(f"{server.url}/api").ok, range(48)))
    assert [asked.path for asked in server.asked].count("/token") == 1
    session.token = {**TOKEN, "expires_at": int(time.time()) + 30}
    session.get(f"{server.url}/api")
    assert [asked.path for asked in server.asked].count("/token") == 2


def test_what_is_wrong_is_said(server):
    server.answer = lambda asked: Answer({"error": "invalid_grant", "error_description": "who?"}, 400)
    with pytest.raises(OAuth2Error, match="invalid_grant: who"):
        AssertionSession(f"{server.url}/token", "robot", "robot", key=SECRET, alg="HS256").get(f"{server.url}/api")
    server.answer = lambda asked: Answer(b"oops")
    with pytest.raises(ValueError, match="not a JSON object"):
        AssertionSession(f"{server.url}/token", "robot", "robot", key=SECRET, alg="HS256").refresh_token()
    for wrong in ({"key": SECRET}, {"alg": "HS256"}, {"key": SECRET, "alg": "HS256", "grant_type": "other"}):
        with pytest.raises(ValueError, match="alg|key|grant_type"):
            AssertionSession(f"{server.url}/token", "robot", "robot", **wrong).get(f"{server.url}/api")


def test_other_assertions(server):
    class Saml(AssertionSession):
        DEFAULT_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:saml2-bearer"
        ASSERTION_METHODS = {DEFAULT_GRANT_TYPE: lambda issuer, subject, audience, claims: f"{issuer} for {subject}"}

    Saml(f"{server.url}/token", "robot", "ada", scope="read").get(f"{server.url}/api")
    form = server.asked[0].form
    assert (form["assertion"], form["scope"], form["grant_type"]) == ("robot for ada", "read", Saml.DEFAULT_GRANT_TYPE)


def test_times_and_certificates_of_the_token_endpoint(server):
    seen = []

    def send(request, **kwargs):
        seen.append((request.url, kwargs.get("verify")))
        return Session.send(session, request, **{**kwargs, "verify": False})

    now = int(time.time())
    session = AssertionSession(
        f"{server.url}/token",
        "robot",
        None,
        key=SECRET,
        alg="HS256",
        issued_at=now - 5,
        expires_at=now + 60,
        token_endpoint_verify="/etc/own-ca.pem",
    )
    session.send = send
    session.get(f"{server.url}/api")
    claims = jwt.decode(server.asked[0].form["assertion"], SECRET)
    assert (claims["iat"], claims["exp"]) == (now - 5, now + 60)
    assert [verify == "/etc/own-ca.pem" for _, verify in seen] == [True, False]


def test_requests_itself_may_be_set_up_by_arguments():
    client = AssertionSession("https://op.example/token", "robot", None, key=key_for("RS256"), alg="RS256", verify="/ca.pem")
    assert client.verify == "/ca.pem"
    with pytest.raises(TypeError, match="nonsense"):
        AssertionSession("https://op.example/token", "robot", None, key=key_for("RS256"), alg="RS256", nonsense=1)
