"""`OAuth2Session` on Requests: what it sends, what it makes of answers, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from authmint.integrations.base_client import (
    InvalidTokenError,
    MismatchingStateError,
    MissingTokenError,
    UnsupportedTokenTypeError,
)
from authmint.integrations.requests_client import OAuth2Session, OAuthError
from authmint.jose import jwt
from authmint.oauth2 import ClientSecretJWT, OAuth2Token, PrivateKeyJWT
from authmint.oauth2.rfc6749.errors import (
    MismatchingIssuerException,
    MismatchingStateException,
    MissingCodeException,
    MissingTokenException,
    MissingTokenTypeException,
)
from conftest import SECRET, key_for
from server import TOKEN, Answer, Asked, Server

CALLBACK = "https://app.example/callback"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(lambda asked: Answer(dict(TOKEN)))
    yield made
    made.close()


def session(server: Server | None = None, **kwargs) -> OAuth2Session:
    kwargs.setdefault("client_secret", "s3cret")
    if server is not None:
        kwargs.setdefault("token_endpoint", f"{server.url}/token")
    return OAuth2Session("app", redirect_uri=CALLBACK, **kwargs)


def asked_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_an_authorization_url():
    client = session(scope=["openid", "email"])
    url, state = client.create_authorization_url("https://op.example/authorize?tenant=1#x", nonce="n", prompt="login")
    asked = asked_of(url)
    assert url.startswith("https://op.example/authorize?tenant=1&") and url.endswith("#x")
    assert asked["state"] == state == client.state and len(state) == 30
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", "app", "openid email")
    assert (asked["redirect_uri"], asked["nonce"], asked["prompt"]) == (CALLBACK, "n", "login")
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert client.create_authorization_url("https://op.example/a")[1] != state
    without = OAuth2Session("app", code_challenge_method=None).create_authorization_url("https://op.example/a", state="s")
    assert without == ("https://op.example/a?response_type=code&client_id=app&state=s", "s")
    with pytest.raises(ValueError, match="S256"):
        session(code_challenge_method="plain")


def test_a_code_is_exchanged(server):
    client = session(server)
    url, state = client.create_authorization_url("https://op.example/authorize")
    token = client.fetch_token(authorization_response=f"{CALLBACK}?code=k&state={state}")
    assert isinstance(token, OAuth2Token) and token["access_token"] == "at"
    assert abs(token["expires_at"] - time.time() - 3600) < 5 and client.token is token
    form = server.asked[0].form
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == ("authorization_code", "k", CALLBACK)
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked_of(url)["code_challenge"]
    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"app:s3cret").decode()


def test_another_session_finds_the_verifier_again(server):
    url, state = session().create_authorization_url("https://op.example/authorize")
    session(server).fetch_token(authorization_response=f"{CALLBACK}?code=k&state={state}", state=state)
    verifier = server.asked[0].form["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked_of(url)["code_challenge"]
    other = session(server, client_secret="other")
    other.fetch_token(authorization_response=f"{CALLBACK}?code=k&state={state}", state=state)
    assert server.asked[1].form["code_verifier"] != verifier, "nobody finds it without the secret"
    session(server).fetch_token(code="k")
    assert "code_verifier" not in server.asked[2].form


def test_a_challenge_that_the_program_has_made_is_sent_as_it_is(server):
    client = session(server)
    client.create_authorization_url("https://op.example/authorize")
    url, state = client.create_authorization_url(
        "https://op.example/authorize", code_challenge="made", code_challenge_method="S256"
    )
    assert (asked_of(url)["code_challenge"], asked_of(url)["code_challenge_method"]) == ("made", "S256")
    assert client.code_verifier is None, "whose challenge it is, has the verifier"
    client.fetch_token(code="k", state=state, code_verifier="theirs")
    assert server.asked[0].form["code_verifier"] == "theirs"
    url = client.create_authorization_url("https://op.example/authorize", code_challenge=None)[0]
    assert len(asked_of(url)["code_challenge"]) == 43


def test_a_code_that_is_refused_without_its_verifier_is_told_to_the_log(server, caplog):
    server.answer = lambda asked: Answer({"error": "invalid_grant"}, 400)
    quiet = [{"code": "k", "state": "s"}, {"code": "k", "code_verifier": "v"}, {"username": "ada", "password": "p"}]
    for words in quiet:
        with pytest.raises(OAuthError, match="invalid_grant"):
            session(server).fetch_token(**words)
    with pytest.raises(OAuthError, match="invalid_grant"):
        session(server, code_challenge_method=None).fetch_token(code="k")
    assert "code_verifier" not in caplog.text
    with pytest.raises(OAuthError, match="invalid_grant"):
        session(server).fetch_token(code="k")
    assert "pass state=... or code_verifier=..." in caplog.text


@pytest.mark.parametrize("answer", ["?code=k&state=other", "?code=k", "?error=access_denied&state=other"])
def test_s29_an_answer_to_another_request_is_refused(server, answer):
    client = session(server)
    client.create_authorization_url("https://op.example/authorize")
    with pytest.raises(MismatchingStateException):
        client.fetch_token(authorization_response=CALLBACK + answer)
    with pytest.raises(MismatchingStateException):
        session(server).fetch_token(authorization_response=CALLBACK + answer, state="mine")
    assert server.asked == []


def test_s28_an_answer_of_another_issuer_is_refused(server):
    for iss, sends in (("https://eve.example", False), ("https://op.example/", False), (None, True)):
        client = session(
            server,
            state="s",
            issuer="https://op.example",
            authorization_response_iss_parameter_supported=sends,
        )
        with pytest.raises(MismatchingIssuerException):
            client.fetch_token(authorization_response=f"{CALLBACK}?code=k&state=s" + (f"&iss={iss}" if iss else ""))
    client = session(server, state="s", issuer="https://op.example")
    client.fetch_token(authorization_response=f"{CALLBACK}?code=k&state=s&iss=https://op.example")


def test_s25_a_repeated_parameter_is_refused(server):
    for answer in ("?code=k&code=l&state=s", "?code=k&state=s&state=s", "?code=k&error=x&state=s", "?state=s"):
        with pytest.raises((ValueError, MissingCodeException)):
            session(server, state="s").fetch_token(authorization_response=CALLBACK + answer)
    assert server.asked == []


def test_an_error_says_what_the_provider_says(server):
    with pytest.raises(OAuthError) as refused:
        session(server, state="s").fetch_token(
            authorization_response=f"{CALLBACK}?error=access_denied&error_description=no&state=s"
        )
    assert (refused.value.error, refused.value.description) == ("access_denied", "no")
    server.answer = lambda asked: Answer({"error": "invalid_grant", "error_description": "used"}, 400)
    with pytest.raises(OAuthError) as refused:
        session(server).fetch_token(code="k")
    assert (refused.value.error, refused.value.description) == ("invalid_grant", "used")
    for body, status in ((b"oops", 200), (b"[]", 200), (b"\xff", 200)):
        server.answer = lambda asked, body=body, status=status: Answer(body, status)
        with pytest.raises(ValueError, match=rf"response is not a JSON object \(HTTP {status}\). It is of {server.url}/token."):
            session(server).fetch_token(code="k")
    server.answer = lambda asked: Answer({"token_type": "Bearer"})
    with pytest.raises(OAuthError, match="access_token"):
        session(server).fetch_token(code="k")
    for body, status in ((b"down", 503), (b"", 400), (b"<h1>Slow down</h1>", 429)):
        server.answer = lambda asked, body=body, status=status: Answer(body, status)
        with pytest.raises(requests.HTTPError, match=str(status)):
            session(server).fetch_token(code="k")


def test_an_answer_in_the_fragment():
    answer = f"{CALLBACK}?tenant=1#access_token=at&token_type=bearer&state=s"
    assert session(state="s").fetch_token(authorization_response=answer)["access_token"] == "at"
    for fragment, error in (
        ("state=s", MissingTokenException),
        ("access_token=at&state=s", MissingTokenTypeException),
        ("access_token=at&token_type=bearer&state=t", MismatchingStateException),
    ):
        with pytest.raises(error) as refused:
            session(state="s").token_from_fragment(f"{CALLBACK}#{fragment}")
        assert isinstance(refused.value, OAuthError) and refused.value.error == error.error
    with pytest.raises(OAuthError, match="access_denied: no"):
        session(state="s").token_from_fragment(f"{CALLBACK}#error=access_denied&error_description=no&state=s")
    made = MismatchingStateError("code", "sentence", "https://op.example/why")
    assert (made.error, made.description, made.uri, made.state) == ("code", "sentence", "https://op.example/why", None)


@pytest.mark.parametrize(
    ("method", "kwargs", "form", "header"),
    [
        ("client_secret_basic", {}, {}, True),
        ("client_secret_post", {}, {"client_id": "app", "client_secret": "s3cret"}, False),
        ("none", {}, {"client_id": "app"}, False),
        (None, {"client_secret": None}, {"client_id": "app"}, False),
    ],
)
def test_clients_authenticate(server, method, kwargs, form, header):
    session(server, token_endpoint_auth_method=method, **kwargs).fetch_token(code="k")
    asked = server.asked[0]
    assert ("authorization" in asked.headers) == header
    sent = {name: value for name, value in asked.form.items() if name.startswith("client_")}
    assert sent == form


def test_names_and_secrets_are_encoded_before_they_are_joined(server):
    OAuth2Session("a:b", "s%c ret").fetch_token(f"{server.url}/token", code="k")
    sent = base64.b64decode(server.asked[0].headers["authorization"].removeprefix("Basic "))
    assert sent == b"a%3Ab:s%25c+ret", "RFC 6749 2.3.1"


def test_clients_authenticate_by_assertions(server):
    endpoint = f"{server.url}/token"
    key = key_for("ES256")
    for method, secret, verifies in (
        (PrivateKeyJWT(endpoint, alg="ES256"), key.as_pem(is_private=True), key),
        (ClientSecretJWT(issuer="https://op.example"), SECRET, SECRET),
    ):
        client = session(server, client_secret=secret, token_endpoint_auth_method=method.name)
        client.register_client_auth_method(method)
        client.fetch_token(grant_type="client_credentials")
        form = server.asked[-1].form
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        claims = jwt.decode(form["client_assertion"], verifies)
        assert claims["iss"] == claims["sub"] == "app" and claims["exp"] - claims["iat"] == 300
        assert claims["aud"] == (endpoint if secret != SECRET else "https://op.example")
        assert "authorization" not in server.asked[-1].headers
    with pytest.raises(ValueError, match="not known"):
        session(server, token_endpoint_auth_method="magic").fetch_token(code="k")


def test_authentication_may_be_one_of_requests(server):
    session(server).fetch_token(code="k", auth=("other", "pw"))
    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"other:pw").decode()
    assert "client_id" not in server.asked[0].form


def test_other_grants(server):
    session(server, scope="a b").fetch_token(grant_type="client_credentials")
    assert server.asked[0].form == {"grant_type": "client_credentials", "scope": "a b"}
    session(server).fetch_token(username="ada", password="pw")
    assert server.asked[1].form == {"grant_type": "password", "username": "ada", "password": "pw"}
    session(server).fetch_token(grant_type="urn:example", assertion="x", method="GET")
    assert server.asked[2].method == "GET" and server.asked[2].query == {"grant_type": "urn:example", "assertion": "x"}


def test_the_scope_of_the_session_is_asked_for_by_every_grant_but_that_of_a_code(server):
    client = session(server, scope="a b")
    client.fetch_token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion="x")
    client.fetch_token(grant_type="urn:example", scope="c")
    client.fetch_token(code="k")
    assert [asked.form.get("scope") for asked in server.asked] == ["a b", "c", None]


def test_headers_may_be_added_to_what_is_asked(server):
    client = session(server, token={"access_token": "at", "refresh_token": "rt", "token_type": "bearer"})
    client.fetch_token(code="k", headers={"X-Tenant": "7"})
    client.refresh_token(headers={"X-Tenant": "7"})
    client.revoke_token(f"{server.url}/revoke", headers={"X-Tenant": "7"})
    client.fetch_token(code="k", headers={"content-type": "application/x-www-form-urlencoded", "X-Tenant": "7"})
    for asked in server.asked:
        assert asked.headers["content-type"].startswith("application/x-www-form-urlencoded") and asked.headers["x-tenant"] == "7"


def test_what_a_program_has_made_its_own_is_used(server):
    class Own(OAuth2Session):
        asked: list[str]

        def refresh_token(self, url=None, refresh_token=None, **kwargs):
            self.asked.append(f"refresh {refresh_token}")
            return super().refresh_token(url, refresh_token, **kwargs)

        def fetch_token(self, url=None, **kwargs):
            self.asked.append(f"fetch {kwargs['grant_type']}")
            return super().fetch_token(url, **kwargs)

        def request(self, method, url, *args, **kwargs):
            self.asked.append(f"{method} {urlsplit(url).path}")
            return super().request(method, url, *args, **kwargs)

    old = {"access_token": "old", "token_type": "Bearer", "expires_at": 1}
    for token, grant, asked in (
        ({**old, "refresh_token": "rt"}, None, ["GET /api", "refresh rt", "POST /token"]),
        (old, "client_credentials", ["GET /api", "fetch client_credentials", "POST /token"]),
    ):
        client = Own("app", "s3cret", token=token, token_endpoint=f"{server.url}/token", grant_type=grant)
        client.asked = []
        client.get(f"{server.url}/api")
        assert client.asked == asked
    with mock.patch.object(OAuth2Session, "post") as post:
        post.return_value = mock.MagicMock(status_code=200, json=lambda: dict(TOKEN))
        assert session(server).fetch_token(code="k")["access_token"] == "at" and post.call_args.args == (f"{server.url}/token",)


def test_requests_itself_may_be_set_up_by_arguments(server):
    client = session(server, verify="/ca.pem", trust_env=False, proxies={"https": "http://proxy.example"}, max_redirects=3)
    assert (client.verify, client.trust_env, client.max_redirects) == ("/ca.pem", False, 3)
    assert client.proxies == {"https": "http://proxy.example"} and "verify" not in client.metadata
    assert session(verify=False, cert="c.pem", stream=True).cert == "c.pem"
    with pytest.raises(ValueError, match="update_token"):
        session(token_updater=print)


def test_authentication_of_a_client_may_be_passed(server):
    client = session(server, token_endpoint_auth_method="client_secret_post")
    client.fetch_token(code="k", auth=client.client_auth("client_secret_basic"))
    assert "authorization" in server.asked[0].headers and "client_secret" not in server.asked[0].form
    client.revoke_token(f"{server.url}/revoke", "rt", auth=client.client_auth("client_secret_post"))
    assert server.asked[1].form == {"token": "rt", "client_id": "app", "client_secret": "s3cret"}
    requests.post(f"{server.url}/x", data={"a": "b"}, auth=client.client_auth("client_secret_post"))
    assert server.asked[2].form == {"a": "b", "client_id": "app", "client_secret": "s3cret"}
    assert session().token_endpoint_auth_method == "client_secret_basic"
    assert OAuth2Session("app").token_endpoint_auth_method == "none"


def test_requests_carry_the_token(server):
    token = {"access_token": "at", "token_type": "bearer", "expires_at": time.time() + 600}
    assert session(token=token).get(f"{server.url}/api").ok
    assert server.asked[0].headers["authorization"] == "Bearer at"
    session(token=token, token_placement="uri").get(f"{server.url}/api?a=b")
    assert server.asked[1].query == {"a": "b", "access_token": "at"}
    session(token=token, token_placement="body").post(f"{server.url}/api", data={"a": "b"})
    assert server.asked[2].form == {"a": "b", "access_token": "at"}
    session(token=token).get(f"{server.url}/api", withhold_token=True)
    assert "authorization" not in server.asked[3].headers
    with pytest.raises(MissingTokenError, match="fetch_token"):
        session().get(f"{server.url}/api")
    with pytest.raises(UnsupportedTokenTypeError):
        session(token={**token, "token_type": "mac"}).get(f"{server.url}/api")


def test_an_expired_token_is_renewed_once_for_all_threads(server):
    updates: list[tuple[OAuth2Token, str | None]] = []

    def answer(asked: Asked) -> Answer:
        time.sleep(0.05 if asked.path == "/token" else 0)
        return Answer({"access_token": "new", "token_type": "Bearer", "expires_in": 3600})

    server.answer = answer
    client = session(
        server,
        token={"access_token": "old", "token_type": "Bearer", "expires_at": 1, "refresh_token": "rt"},
        update_token=lambda token, refresh_token=None, access_token=None: updates.append((token, refresh_token)),
    )
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: client.get(f"{server.url}/api").ok, range(64)))
    renewals = [asked for asked in server.asked if asked.path == "/token"]
    assert len(renewals) == 1 and renewals[0].form == {"grant_type": "refresh_token", "refresh_token": "rt"}
    assert all(asked.headers["authorization"] == "Bearer new" for asked in server.asked if asked.path == "/api")
    assert client.token["refresh_token"] == "rt", "the old one goes on where no new one came"
    assert [refresh_token for _, refresh_token in updates] == ["rt"]


def test_an_expired_token_of_the_client_itself_is_fetched_anew(server):
    old = {"access_token": "old", "token_type": "Bearer", "expires_at": 1}
    client = session(server, token=old, grant_type="client_credentials")
    client.get(f"{server.url}/api")
    assert [asked.path for asked in server.asked] == ["/token", "/api"]
    with pytest.raises(InvalidTokenError):
        session(server, token=old).get(f"{server.url}/api")
    # What the client fetched for itself, it fetches again; but never in the place of a person's.
    client = session(server)
    client.fetch_token()
    client.token.update(expires_at=1, refresh_token=None)
    assert client.get(f"{server.url}/api").ok and server.asked[-2].form == {"grant_type": "client_credentials"}
    client.token = old
    with pytest.raises(InvalidTokenError):
        client.get(f"{server.url}/api")
    client.fetch_token()
    client.fetch_token(code="k")
    client.token.update(expires_at=1, refresh_token=None)
    with pytest.raises(InvalidTokenError):
        client.get(f"{server.url}/api")


def test_tokens_are_revoked_and_introspected(server):
    client = session(server, token={"access_token": "at", "token_type": "bearer", "refresh_token": "rt"})
    assert client.revoke_token(f"{server.url}/revoke").ok
    assert server.asked[0].form == {"token": "rt"} and "authorization" in server.asked[0].headers
    client.introspect_token(f"{server.url}/introspect", token="x", token_type_hint="access_token")
    assert server.asked[1].form == {"token": "x", "token_type_hint": "access_token"}
    client = session(server, revocation_endpoint_auth_method="none")
    client.introspect_token(f"{server.url}/introspect", "x")
    client.revoke_token(f"{server.url}/revoke", "x")
    assert "authorization" in server.asked[2].headers and server.asked[3].form == {"token": "x", "client_id": "app"}
    with pytest.raises(OAuthError, match="no token"):
        session().revoke_token(f"{server.url}/revoke")


def test_hooks_mend_what_a_server_gets_wrong(server):
    client = session(server)
    seen = []
    client.register_compliance_hook("access_token_response", lambda answer: seen.append(answer.status_code) or answer)
    client.register_compliance_hook("protected_request", lambda url, headers, body: (url, {**headers, "x-own": "1"}, body))
    client.fetch_token(code="k")
    client.get(f"{server.url}/api")
    assert seen == [200] and server.asked[1].headers["x-own"] == "1"
    with pytest.raises(ValueError, match="Hook type"):
        client.register_compliance_hook("nothing", print)


def test_s37_tokens_are_bound_to_a_key_and_nonces_are_learned(server):
    def answer(asked: Asked) -> Answer:
        proof = jwt.decode(asked.headers["dpop"], lambda header, claims: header["jwk"])
        nonce = "n1" if asked.path == "/token" else "n2"
        if proof.get("nonce") != nonce:
            return Answer({"error": "use_dpop_nonce"}, 400 if asked.path == "/token" else 401, {"DPoP-Nonce": nonce})
        return Answer({**TOKEN, "token_type": "DPoP"})

    server.answer = answer
    client = session(server, dpop=True)
    client.fetch_token(code="k")
    assert client.get(f"{server.url}/api?x=1").ok
    assert [asked.path for asked in server.asked] == ["/token", "/token", "/api?x=1", "/api?x=1"]
    proofs = [jwt.decode(asked.headers["dpop"], lambda header, claims: header["jwk"]) for asked in server.asked]
    assert len({proof["jti"] for proof in proofs}) == 4 and len({str(proof.header["jwk"]) for proof in proofs}) == 1
    assert all(proof.header["typ"] == "dpop+jwt" for proof in proofs)
    last = proofs[-1]
    ath = base64.urlsafe_b64encode(hashlib.sha256(b"at").digest()).rstrip(b"=").decode()
    assert (last["htm"], last["htu"], last["ath"]) == ("GET", f"{server.url}/api", ath)
    assert server.asked[-1].headers["authorization"] == "DPoP at"
    server.answer = lambda asked: Answer(dict(TOKEN))
    with pytest.raises(OAuthError, match="not bound"):
        session(server, dpop=True).fetch_token(code="k")


def test_s37_a_token_in_a_fragment_is_bound_too():
    answer = f"{CALLBACK}#access_token=at&token_type=bearer&state=s"
    with pytest.raises(OAuthError, match="not bound"):
        session(state="s", dpop=True).fetch_token(authorization_response=answer)


def test_s26_who_asked_for_a_code_takes_no_token_of_a_fragment():
    client = session()
    _, state = client.create_authorization_url("https://op.example/authorize")
    answer = f"{CALLBACK}#access_token=at&token_type=bearer&state={state}"
    with pytest.raises(OAuthError, match="code"):
        client.fetch_token(authorization_response=answer)
    assert client.token is None
    for kind in ("token", "code token"):
        client.create_authorization_url("https://op.example/authorize", state, response_type=kind)
        assert client.fetch_token(authorization_response=answer)["access_token"] == "at"


@pytest.mark.parametrize("keeps", ["a copy", "nothing", "the token"])
def test_s36_a_refresh_token_is_not_lost_by_a_method_of_the_program(server, keeps):
    class Own(OAuth2Session):
        def parse_response_token(self, resp):
            token = resp.json() if keeps == "nothing" else super().parse_response_token(resp)
            if keeps == "a copy":
                token = dict(token)
                self.token = token
            return token

    server.answer = lambda asked: Answer({"access_token": "new", "token_type": "Bearer", "expires_in": 3600})
    old = {**TOKEN, "expires_at": 1}
    client, kept = Own("app", "s3cret", token=old, token_endpoint=f"{server.url}/token"), []
    client.update_token = lambda token, refresh_token: kept.append((dict(token), refresh_token))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.ensure_active_token(client.token), range(8)))
    assert len(server.asked) == 1
    assert (client.token["access_token"], client.token["refresh_token"]) == ("new", "rt")
    assert [(token["refresh_token"], used) for token, used in kept] == [("rt", "rt")]


@pytest.mark.parametrize("status", [200, 404, 500])
def test_s18_an_error_does_not_hold_what_the_address_held(server, status):
    server.answer = lambda asked: Answer(b"<html>", status)
    client = session(server, token_endpoint_auth_method="client_secret_post")
    endpoint = f"{server.url}/token".replace("//", "//ada:pa55@")
    with pytest.raises((ValueError, requests.HTTPError)) as refused:
        client.fetch_token(endpoint, method="GET", username="ada", password="hunter22")
    assert "s3cret" in server.asked[0].path and f"{server.url}/token" in str(refused.value)
    for secret in ("s3cret", "hunter22", "pa55"):
        assert secret not in f"{refused.value} {refused.value!r}"


def test_a_request_is_pushed(server):
    server.answer = lambda asked: Answer({"request_uri": "urn:x:1", "expires_in": 60}, 201)
    client = session(server, par=True, pushed_authorization_request_endpoint=f"{server.url}/par", scope="openid")
    url, state = client.create_authorization_url("https://op.example/authorize")
    assert url == "https://op.example/authorize?client_id=app&request_uri=urn%3Ax%3A1"
    assert server.asked[0].form["state"] == state and server.asked[0].form["code_challenge_method"] == "S256"
    assert "authorization" in server.asked[0].headers
    server.answer = lambda asked: Answer({"error": "invalid_request", "error_description": "why"}, 400)
    with pytest.raises(OAuthError, match="why"):
        client.create_authorization_url("https://op.example/authorize")
    with pytest.raises(OAuthError, match="pushed_authorization_request_endpoint"):
        session(par=True).create_authorization_url("https://op.example/authorize")


def test_a_token_endpoint_does_not_send_the_secret_elsewhere(server):
    server.answer = lambda asked: Answer({}, 307, {"Location": f"{server.url}/eve"})
    with pytest.raises((OAuthError, ValueError)):
        session(server).fetch_token(code="k")
    assert [asked.path for asked in server.asked] == ["/token"]


def test_s18_a_token_is_not_shown():
    token = OAuth2Token({"access_token": "a-secret", "refresh_token": "b-secret", "id_token": "c-secret", "scope": "x"})
    assert "secret" not in repr(token) and "secret" not in str(token)
    assert token.is_expired() is None and OAuth2Token({"expires_in": "30"}).is_expired()
    assert not OAuth2Token({"expires_in": 3600}).is_expired()


def test_a_hook_mends_what_the_answer_says(server):
    def mended(answer):
        answer.raise_for_status()
        token = {"access_token": answer.json()["xoxp"], "token_type": "Bearer"}
        answer.json = lambda: token
        return answer

    server.answer = lambda asked: Answer({"ok": True, "xoxp": "of another name"})
    client = session(server)
    client.register_compliance_hook("access_token_response", mended)
    assert client.fetch_token(code="k")["access_token"] == "of another name"


def test_an_answer_may_be_a_mock():
    from unittest import mock

    answer = mock.MagicMock(spec=requests.Response)
    answer.status_code, answer.json = 200, lambda: dict(TOKEN)
    with mock.patch("requests.sessions.Session.send", return_value=answer):
        assert session().fetch_token("https://op.example/token", code="k")["access_token"] == "at"
    client = session()
    client.send = lambda request, **_: answer
    assert client.fetch_token("https://op.example/token", code="k")["access_token"] == "at"
    answer.json = lambda: ["no object"]
    with pytest.raises(ValueError, match="JSON object"):
        client.fetch_token("https://op.example/token", code="k")


@pytest.mark.parametrize(
    "body", [{"data": io.BytesIO(b"all of it")}, {"data": iter([b"all of it"])}, {"files": {"f": io.BytesIO(b"all of it")}}]
)
def test_s37_what_was_sent_is_not_sent_again_without_its_body(server, body):
    server.answer = lambda asked: Answer({}, 401, {"DPoP-Nonce": "n"}) if len(server.asked) == 1 else Answer({})
    client = session(server, dpop=True, token={**TOKEN, "token_type": "DPoP"})
    assert client.post(f"{server.url}/api", **body).status_code == 401
    assert len(server.asked) == 1
    assert client.post(f"{server.url}/api", data=b"all of it").ok and server.asked[-1].body == "all of it"


def test_s37_what_an_api_has_done_is_not_done_again_for_a_nonce(server):
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer({}, 303, {"Location": f"{server.url}/done"})
        return Answer({}, 401, {"DPoP-Nonce": f"n{len(server.asked)}"})

    server.answer = answer
    session(server, dpop=True, token={**TOKEN, "token_type": "DPoP"}).post(f"{server.url}/pay", json={"amount": 1})
    assert [asked.path for asked in server.asked].count("/pay") == 1


def test_a_hook_of_a_renewal_may_use_the_client(server):
    server.answer = lambda asked: Answer({**TOKEN, "access_token": "new", "expires_in": 30})
    told: list[str] = []

    def keep(token, **_):
        told.append(client.get(f"{server.url}/who").request.headers["Authorization"])

    client = session(server, token={**TOKEN, "expires_at": 1}, update_token=keep)
    client.get(f"{server.url}/api")
    # That request looks at its token twice, and the token lives for less than what is left as leeway.
    assert told and set(told) == {"Bearer new"} and [asked.path for asked in server.asked].count("/token") == len(told) <= 2


def test_s18_a_challenge_makes_guessing_the_secret_no_cheaper():
    secret = "weak"
    client = OAuth2Session("app", secret, redirect_uri="https://app.example/callback")
    begun = time.process_time()
    client.create_authorization_url("https://op.example/authorize", state="known")
    assert time.process_time() - begun > 0.01, "a try has its price"
    plain = hmac.new(secret.encode(), b"authmint code_verifier\0app\0known", hashlib.sha256).hexdigest()
    assert client.code_verifier and client.code_verifier != plain
    begun = time.process_time()
    for _ in range(100):
        client.create_authorization_url("https://op.example/authorize")
    assert time.process_time() - begun < 1, "for the client itself, once"


def test_an_answer_that_does_not_fit_is_an_error_by_both_of_its_names(server):
    for answer, name in (
        ("?code=k&state=other", MismatchingStateException),
        ("?code=k&state=s&iss=x", MismatchingIssuerException),
    ):
        with pytest.raises(OAuthError) as refused:
            session(server, state="s", issuer="https://op.example").fetch_token(authorization_response=CALLBACK + answer)
        assert isinstance(refused.value, name) and refused.value.description


def test_a_secret_on_an_open_way_is_told_to_the_log(caplog):
    with pytest.raises(requests.ConnectionError):
        session().fetch_token("http://op.invalid/token?x=1", code="k")
    assert "http://op.invalid/token can" in caplog.text and "s3cret" not in caplog.text
