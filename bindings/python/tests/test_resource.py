"""Protected APIs: what each framework lets through, what it answers otherwise, and what of the issuer is fetched when."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps import DjangoApp, urlpatterns
from authmint import _core
from authmint.jose import JsonWebKey, Key, KeySet, jwt
from authmint.oauth2.rfc6749.errors import MissingAuthorizationError, OAuth2Error, UnsupportedTokenTypeError
from authmint.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError, InvalidTokenError
from authmint.oauth2.rfc7662 import IntrospectTokenValidator
from authmint.oauth2.rfc9068 import JWTBearerTokenValidator
from authmint.resource import ResourceServer
from conftest import SECRET, key_for
from server import Answer, Asked, Server

API = "https://api.example"


class Issuer(Server):
    """Publishes its metadata and keys, and says of opaque tokens what it knows."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.key: Key = Key.import_key(key_for("ES256"), {"kid": "one"})
        self.is_down = False
        self.opaque: dict[str, dict[str, Any]] = {}

    def _answer(self, asked: Asked) -> Answer:
        if self.is_down:
            return Answer({"error": "down"}, 503)
        if asked.path == "/.well-known/oauth-authorization-server":
            endpoints = {"jwks_uri": f"{self.url}/jwks", "introspection_endpoint": f"{self.url}/introspect"}
            return Answer(
                {"issuer": self.url, "token_endpoint": f"{self.url}/token", "response_types_supported": ["code"], **endpoints}
            )
        if asked.path == "/jwks":
            return Answer({"keys": [self.key.as_dict()]})
        if asked.path == "/introspect":
            known = self.opaque.get(asked.form["token"])
            return Answer({"active": True, "iss": self.url, "sub": "grace", "aud": API, **known} if known else {"active": False})
        return Answer({}, 404)

    def token(self, scope: str | None = "read", typ: str = "at+jwt", **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": API,
            "sub": "grace",
            "client_id": "app",
            "jti": "j",
            "iat": now,
            "exp": now + 60,
            "scope": scope,
        }
        said = {name: value for name, value in {**said, **claims}.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": typ}, said, self.key, check=False).decode()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


Got = tuple[int, Any, list[str]]


def flask_api(api: ResourceServer) -> Any:
    from flask import Flask, jsonify

    from authmint.integrations.flask_oauth2 import ResourceProtector, current_token

    app, require = Flask("api"), ResourceProtector(api)

    def add(path: str, *args: Any, **kwargs: Any) -> None:
        app.add_url_rule(
            path,
            path,
            require(*args, **kwargs)(lambda: jsonify(dict(current_token) if current_token else None)),
            methods=["GET", "POST"],
        )

    routes(add)

    @app.route("/with")
    def inner() -> Any:
        with require.acquire("read") as token:
            return jsonify(dict(token))

    def ask(path: str, headers: Any) -> Got:
        answer = app.test_client().get(path, headers=headers)
        several = answer.headers.getlist("WWW-Authenticate")
        return answer.status_code, answer.get_json(silent=True), [", ".join(several)] if several else []

    return ask


def django_api(api: ResourceServer) -> Any:
    DjangoApp()
    from django.http import JsonResponse
    from django.test import Client
    from django.urls import clear_url_caches, path

    from authmint.integrations.django_oauth2 import ResourceProtector

    require = ResourceProtector(api)
    urlpatterns.clear()
    clear_url_caches()

    def add(address: str, *args: Any, **kwargs: Any) -> None:
        view = require(*args, **kwargs)(lambda request: JsonResponse(request.oauth_token, safe=False))
        urlpatterns.append(path(address[1:], view))

    routes(add)
    urlpatterns.append(path("with", urlpatterns[1].callback))

    def ask(address: str, headers: Any) -> Got:
        answer = Client().get(address, headers=dict(headers))
        body = json.loads(answer.content) if answer.content else None
        return answer.status_code, body, [answer["WWW-Authenticate"]] if answer.has_header("WWW-Authenticate") else []

    return ask


def starlette_api(api: ResourceServer) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from authmint.integrations.starlette_oauth2 import ResourceProtector

    protect, made = ResourceProtector(api), []

    async def endpoint(request: Any) -> Any:
        return JSONResponse(request.state.token)

    def add(path: str, *args: Any, **kwargs: Any) -> None:
        made.append(Route(path, protect(*args, **kwargs)(endpoint)))

    routes(add)
    add("/with", "read")
    client = TestClient(Starlette(routes=made))

    def ask(path: str, headers: Any) -> Got:
        answer = client.get(path, headers=[(name, value.encode("latin-1")) for name, value in headers.items()])
        body = answer.json() if answer.headers["content-type"] == "application/json" else None
        return answer.status_code, body, answer.headers.get_list("WWW-Authenticate")

    return ask


def fastapi_api(api: ResourceServer) -> Any:
    from fastapi import Depends, FastAPI
    from fastapi.testclient import TestClient

    from authmint.integrations.fastapi_oauth2 import AccessToken, ResourceProtector

    app = FastAPI()
    require_scope = ResourceProtector(api).require_scope

    def add(path: str, scopes: Any = None, **kwargs: Any) -> None:
        listed = scopes.split() if isinstance(scopes, str) else []
        needed = Depends(require_scope(*listed, any_of=scopes if isinstance(scopes, list) else None, **kwargs))

        @app.get(path)
        async def endpoint(token: AccessToken = needed) -> Any:
            return token

    routes(add)
    add("/with", "read")
    client = TestClient(app)
    assert client.get("/openapi.json").json()["paths"]["/read"]["get"]["security"] == [{"OAuth2": []}]

    def ask(path: str, headers: Any) -> Got:
        answer = client.get(path, headers=[(name, value.encode("latin-1")) for name, value in headers.items()])
        return answer.status_code, answer.json(), answer.headers.get_list("WWW-Authenticate")

    return ask


def routes(add: Any) -> None:
    add("/any")
    add("/read", "read")
    add("/either", ["admin", "read"])
    add("/both", "read write")
    add("/optional", optional=True)
    add("/fresh", max_age=60)
    add("/strong", acr_values="mfa")
    add("/roles", roles="admin")


KINDS = {"flask": flask_api, "django": django_api, "starlette": starlette_api, "fastapi": fastapi_api}


@pytest.fixture(params=KINDS)
def make(request, issuer) -> Any:
    return lambda **kwargs: KINDS[request.param](ResourceServer(issuer.url, API, **kwargs))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_opens_what_it_is_for(make, issuer):
    ask = make()
    for path in ("/any", "/read", "/either", "/optional", "/with"):
        status, token, _ = ask(path, bearer(issuer.token()))
        assert status == 200, path
        assert token["sub"] == "grace" and token["scope"] == "read" and token["client_id"] == "app", path
    for path in ("/both", "/strong", "/fresh", "/roles"):
        assert ask(path, bearer(issuer.token()))[0] in (401, 403), path
    assert ask("/both", bearer(issuer.token("write other read")))[0] == 200
    assert ask("/fresh", bearer(issuer.token(auth_time=int(time.time()) - 5)))[0] == 200
    assert ask("/strong", bearer(issuer.token(acr="mfa")))[0] == 200
    assert ask("/roles", bearer(issuer.token(roles=["user", "admin"])))[0] == 200
    # Everything was fetched once.
    assert issuer.paths() == ["/.well-known/oauth-authorization-server", "/jwks"]


def test_an_answer_says_what_would_do(make, issuer):
    ask = make(realm="orders")
    status, _, (challenge,) = ask("/read", {})
    assert status == 401 and 'realm="orders"' in challenge and 'scope="read"' in challenge and "error" not in challenge
    assert challenge.startswith("Bearer ") and "DPoP" in challenge, "each scheme that would do"
    status, _, (challenge,) = ask("/read", bearer(issuer.token("other")))
    assert status == 403 and 'error="insufficient_scope"' in challenge and 'scope="read"' in challenge
    status, _, (challenge,) = ask("/either", bearer(issuer.token("other")))
    assert status == 403 and 'error="insufficient_scope"' in challenge and "DPoP" in challenge and 'scope="admin"' in challenge
    status, _, (challenge,) = ask("/read", bearer("garbage"))
    assert status == 401 and 'error="invalid_token"' in challenge
    status, _, (challenge,) = ask("/fresh", bearer(issuer.token(auth_time=1)))
    assert status == 401 and 'error="insufficient_user_authentication"' in challenge and "max_age" in challenge


def test_without_a_token_only_what_is_optional_is_open(make, issuer):
    ask = make()
    assert ask("/optional", {})[:2] == (200, None)
    assert ask("/optional", bearer("garbage"))[0] == 401
    assert ask("/any", {"Authorization": "Basic YTpi"})[0] == 401
    assert ask("/any", {"Authorization": "Bearer"})[0] in (400, 401)
    assert ask("/any?access_token=" + issuer.token(), {})[0] == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://eve.example"},
        {"aud": "https://other.example"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"nbf": 9999999999},
        {"typ": "JWT"},
        {"typ": "logout+jwt"},
        {"cnf": {"x5t#S256": "x"}},
    ],
)
def test_s14_s15_a_token_is_of_the_issuer_and_for_this_api(issuer, claims):
    api = ResourceServer(issuer.url, API)
    with pytest.raises(InvalidTokenError):
        api.authorize("GET", "/", bearer(issuer.token(**claims)))


def test_s01_s02_s16_a_token_is_signed_by_a_key_of_the_issuer(issuer):
    api = ResourceServer(issuer.url, API)
    good = issuer.token()
    claims = jwt.decode(good, issuer.key.as_dict())
    eve = Key.import_key(JsonWebKey.generate_key("EC", "P-256", is_private=True), {"kid": "one"})
    head, body, signature = good.split(".")
    for token in (
        jwt.encode({"alg": "ES256", "kid": "one", "typ": "at+jwt"}, claims, eve).decode(),
        jwt.encode({"alg": "ES256", "kid": "one", "typ": "at+jwt", "jwk": eve.as_dict()}, claims, eve).decode(),
        jwt.encode({"alg": "HS256", "kid": "one", "typ": "at+jwt"}, claims, SECRET).decode(),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + body + ".",
    ):
        with pytest.raises(InvalidTokenError):
            api.authorize("GET", "/", bearer(token))
    assert api.authorize("GET", "/", bearer(good))["sub"] == "grace"


def test_tokens_that_are_not_typed_are_taken_where_that_is_said(issuer):
    api = ResourceServer(issuer.url, API, typed=False)
    assert api.authorize("GET", "/", bearer(issuer.token(typ="JWT"))).scopes == ["read"]
    with pytest.raises(InvalidTokenError):
        api.authorize("GET", "/", bearer(issuer.token(typ="JWT", nonce="n")))


def test_algorithms_audience_and_keys_may_be_said(issuer):
    keys = KeySet([issuer.key])
    token = bearer(issuer.token(aud="orders"))
    assert ResourceServer(issuer.url, API, audience="orders", jwks=keys).authorize("GET", "/", token)["aud"] == "orders"
    assert issuer.paths() == []
    with pytest.raises(InvalidTokenError):
        ResourceServer(issuer.url, API, audience="orders", jwks=issuer.key, algorithms=["RS256"]).authorize("GET", "/", token)
    assert ResourceServer(issuer.url, API, audience="orders", jwks_uri=f"{issuer.url}/jwks").authorize("GET", "/", token)


def test_keys_are_renewed_when_one_is_not_known(issuer):
    api = ResourceServer(issuer.url, API)
    api.authorize("GET", "/", bearer(issuer.token()))
    issuer.key = Key.import_key(JsonWebKey.generate_key("EC", "P-256", is_private=True), {"kid": "two"})
    assert api.authorize("GET", "/", bearer(issuer.token()))["sub"] == "grace"
    for _ in range(5):
        stranger = jwt.encode({"alg": "ES256", "kid": "three", "typ": "at+jwt"}, {}, issuer.key).decode()
        with pytest.raises(InvalidTokenError):
            api.authorize("GET", "/", bearer(stranger))
    assert issuer.paths().count("/jwks") == 2, "whoever invents names of keys makes nobody fetch"


@pytest.mark.parametrize("forgotten", ["require_scope", "__call__"])
def test_in_fastapi_a_dependency_that_was_not_called_opens_nothing(issuer, forgotten):
    from fastapi import Depends, FastAPI

    from authmint.integrations.fastapi_oauth2 import ResourceProtector

    protector = ResourceProtector(ResourceServer(issuer.url, API))
    dependency = protector if forgotten == "__call__" else protector.require_scope
    # It was a dependency on the query: whoever sent ?scopes=x&demands=x was let in without a token.
    with pytest.raises(TypeError, match="Depends\\(protector.require_scope"):
        FastAPI().get("/orders", dependencies=[Depends(dependency)])(lambda: "let in")


def test_an_issuer_that_is_down_is_not_the_callers_fault(make, issuer):
    issuer.is_down = True
    ask = make()
    for _ in range(3):
        assert ask("/any", bearer(issuer.token()))[0] == 503
    assert len(issuer.asked) <= 2, "it is not asked by every request"
    assert ask("/optional", {})[0] == 503 or ask("/optional", {})[0] == 200


def test_why_is_told_to_the_log_and_not_to_the_caller(issuer, caplog):
    caplog.set_level("INFO", "authmint")
    api = ResourceServer(issuer.url, API)
    for token, why in (
        (issuer.token(aud="https://other.example"), "aud 'https://other.example'"),
        (issuer.token(typ="JWT"), "typ 'JWT'"),
        ("opaque", "it is no JWT"),
    ):
        caplog.clear()
        with pytest.raises(OAuth2Error) as refused:
            api.authorize("GET", "/", bearer(token))
        assert why in caplog.text and f"audience '{API}'" in caplog.text
        assert token not in caplog.text and "other.example" not in refused.value.description
    issuer.is_down = True
    with pytest.raises(OAuth2Error) as refused:
        ResourceServer(issuer.url, API).authorize("GET", "/", bearer(issuer.token()))
    host = issuer.url.removeprefix("http://")
    assert refused.value.status_code == 503 and host in caplog.text and host not in refused.value.description


def test_opaque_tokens_are_asked_about(make, issuer):
    issuer.opaque["good"] = {"scope": "read"}
    ask = make(introspection=True, client_id="api", client_secret="a secret of the api, which is long enough")
    for _ in range(3):
        status, token, _ = ask("/read", bearer("good"))
        assert status == 200 and token["sub"] == "grace"
    assert issuer.paths().count("/introspect") == 1
    assert ask("/both", bearer("good"))[0] == 403
    assert ask("/any", bearer("bad"))[0] == 401
    assert ask("/read", bearer(issuer.token()))[0] == 200
    assert [asked for asked in issuer.asked if asked.path == "/introspect"][0].headers["authorization"].startswith("Basic ")


def test_every_token_may_be_asked_about(issuer):
    token = issuer.token()
    issuer.opaque[token] = {"scope": "read"}
    api = ResourceServer(issuer.url, API, jwts=False, introspection=True, client_id="api", client_secret="s" * 32, keep_for=0)
    for _ in range(2):
        assert api.authorize("GET", "/", bearer(token), "read")["scope"] == "read"
    assert issuer.paths().count("/introspect") == 2
    issuer.opaque["other"] = {"aud": None}
    with pytest.raises(InvalidTokenError):
        api.authorize("GET", "/", bearer("other"))


def proof(key: Key, token: str, method: str = "GET", uri: str = f"{API}/read", nonce: str | None = None) -> str:
    return _core.dpop_proof(key._native, "ES256", method, uri, token, nonce)


def test_s38_a_bound_token_comes_with_its_proof(make, issuer):
    ask = make()
    key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    token = issuer.token(cnf={"jkt": key.thumbprint()})
    made = proof(key, token)
    assert ask("/read", {"Authorization": f"DPoP {token}", "DPoP": made})[0] == 200
    assert ask("/read", {"Authorization": f"DPoP {token}", "DPoP": made})[0] == 401, "once"
    other = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    for headers in (
        bearer(token),
        {"Authorization": f"DPoP {token}"},
        {"Authorization": f"DPoP {token}", "DPoP": proof(other, token)},
        {"Authorization": f"DPoP {token}", "DPoP": proof(key, token, "POST")},
        {"Authorization": f"DPoP {token}", "DPoP": proof(key, token, uri=f"{API}/any")},
        {"Authorization": f"DPoP {token}", "DPoP": proof(key, "another")},
        {"Authorization": f"DPoP {issuer.token()}", "DPoP": proof(key, token)},
    ):
        status, _, (challenge,) = ask("/read", headers)
        assert status == 401 and "DPoP" in challenge


def test_bound_tokens_and_nonces_may_be_demanded(issuer):
    key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    token = issuer.token(cnf={"jkt": key.thumbprint()})
    api = ResourceServer(issuer.url, API, bound_tokens=True, nonces=True)
    with pytest.raises(InvalidTokenError):
        api.authorize("GET", "/read", bearer(issuer.token()))
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof(key, token)}
    with pytest.raises(OAuth2Error) as refused:
        api.authorize("GET", "/read", headers)
    nonce = dict(refused.value.get_headers())["dpop-nonce"]
    assert refused.value.error == "use_dpop_nonce" and refused.value.status_code == 401
    headers["DPoP"] = proof(key, token, nonce=nonce)
    assert api.authorize("GET", "/read", headers)["sub"] == "grace"
    shared = ResourceServer(issuer.url, API, nonces="A" * 43)
    assert shared.authorize("GET", "/", bearer(issuer.token()))


def test_hostile_headers_are_refused(make, issuer):
    ask = make()
    for value in ("Bearer \x80\xff", "Bearer a b", "Bearer " + "x" * 60_000, "Bearer \t"):
        assert ask("/any", {"Authorization": value})[0] in (400, 401), value[:20]
    api = ResourceServer(issuer.url, API)
    for headers in (
        [("authorization", "a\nb")],
        [("authorization", "\ud800")],
        [("authorization", "Bearer a"), ("Authorization", "Bearer b")],
    ):
        with pytest.raises(OAuth2Error) as refused:
            api.authorize("GET", "/", headers)
        assert refused.value.status_code in (400, 401)
    for method, uri in (("G T", "/"), ("GET", "\x00"), ("", "/")):
        with pytest.raises(OAuth2Error):
            api.authorize(method, uri, bearer(issuer.token()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example"},
        {"issuer": "not an issuer"},
        {"jwks_uri": "http://login.example/jwks"},
        {"introspection": True},
        {"introspection": True, "client_id": "api"},
        {"nonces": "short", "jwks_uri": "https://login.example/jwks"},
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"algorithms": "HS256"},
        {"algorithms": ["HS999"]},
        {"resource": "orders", "bound_tokens": True, "jwks_uri": "https://login.example/jwks"},
        {"jwts": False},
    ],
)
def test_wrong_settings_are_said_at_once(wrong):
    given = {"issuer": "https://login.example", "resource": API, **wrong}
    with pytest.raises(ValueError):
        ResourceServer(**given)


def test_16_threads(issuer):
    api, tokens = ResourceServer(issuer.url, API), [issuer.token() for _ in range(8)]
    ready = threading.Barrier(16)

    def work(n: int) -> set[str]:
        ready.wait()
        return {api.authorize("GET", "/", bearer(tokens[(n + i) % 8]), "read")["sub"] for i in range(50)}

    with ThreadPoolExecutor(16) as pool:
        assert set.union(*pool.map(work, range(16))) == {"grace"}
    assert issuer.paths() == ["/.well-known/oauth-authorization-server", "/jwks"]


def test_tasks_wait_for_one_fetch_without_blocking_the_loop(issuer):
    answer = issuer.answer

    def slow(asked: Asked) -> Answer:
        time.sleep(0.1)
        return answer(asked)

    issuer.answer = slow
    api, token = ResourceServer(issuer.url, API), bearer(issuer.token())

    async def main() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        ticking = asyncio.create_task(tick())
        made = await asyncio.gather(*(api.authorize_async("GET", "/", token, "read") for _ in range(32)))
        assert all(one["sub"] == "grace" for one in made) and ticks > 10
        ticking.cancel()
        # Everything is at hand now: no thread is needed.
        said, pending = api._core.begin("GET", "/", [("authorization", token["Authorization"])], _core.Demands())
        assert pending is None and said[0]["sub"] == "grace"

    asyncio.run(main(), debug=True)
    assert issuer.paths() == ["/.well-known/oauth-authorization-server", "/jwks"]


def test_a_task_that_is_cancelled_leaves_the_others_alone(issuer):
    answer = issuer.answer
    issuer.answer = lambda asked: (time.sleep(0.1), answer(asked))[1]
    api, token = ResourceServer(issuer.url, API), bearer(issuer.token())

    async def main() -> None:
        first = asyncio.create_task(api.authorize_async("GET", "/", token))
        await asyncio.sleep(0.02)
        first.cancel()
        assert (await asyncio.wait_for(api.authorize_async("GET", "/", token), 5))["sub"] == "grace"

    asyncio.run(main(), debug=True)


def test_http_may_be_the_callers_own(issuer, caplog):
    asked: list[str] = []

    def carry(method: str, url: str, headers: Any, body: bytes) -> Any:
        asked.append(f"{method} {url}")
        return 200, [("Content-Type", "application/json")], json.dumps({"keys": [issuer.key.as_dict()]}).encode()

    api = ResourceServer(issuer.url, API, jwks_uri=f"{issuer.url}/jwks", transport=carry)
    assert api.authorize("GET", "/", bearer(issuer.token()))["sub"] == "grace"
    assert asked == [f"GET {issuer.url}/jwks"]

    def broken(*_: Any) -> Any:
        raise RuntimeError("a secret is in this text")

    api = ResourceServer(issuer.url, API, jwks_uri=f"{issuer.url}/jwks", transport=broken)
    with pytest.raises(OAuth2Error) as refused:
        api.authorize("GET", "/", bearer(issuer.token()))
    assert refused.value.status_code == 503 and "RuntimeError" in caplog.text
    assert "a secret" not in caplog.text + str(refused.value)
    for answer in (None, (200,), (99, [], b""), (200, [("a\n", "b")], b""), ("x", [], b"")):
        api = ResourceServer(issuer.url, API, jwks_uri=f"{issuer.url}/jwks", transport=lambda *_, answer=answer: answer)
        with pytest.raises(OAuth2Error):
            api.authorize("GET", "/", bearer(issuer.token()))


def test_s21_no_redirect_is_followed(issuer):
    target = Server(lambda asked: Answer({"keys": [issuer.key.as_dict()]}))
    issuer.answer = lambda asked: Answer({}, 302, {"Location": f"{target.url}/jwks"})
    with pytest.raises(OAuth2Error):
        ResourceServer(issuer.url, API, jwks_uri=f"{issuer.url}/jwks").authorize("GET", "/", bearer(issuer.token()))
    target.close()
    assert target.asked == []


# Tokens that the application finds itself, as users of Authlib do.


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


def test_an_answer_that_never_ends_is_given_up(monkeypatch):
    from authmint.common import fetch

    class Slow:
        status, headers = 200, {}

        def __enter__(self) -> Slow:
            return self

        def __exit__(self, *_: Any) -> None:
            pass

        def read1(self, _: int) -> bytes:
            monkeypatch.setattr(fetch.time, "monotonic", lambda: 1e9)
            return b"x"

    monkeypatch.setattr(fetch._opener, "open", lambda *_, **__: Slow())
    with pytest.raises(TimeoutError):
        fetch.fetch("GET", "https://op.example/jwks", [], b"")


def test_a_token_is_not_that_of_the_request_before(issuer):
    from flask import Flask

    from authmint.integrations.flask_oauth2 import ResourceProtector, current_token

    app, require = Flask("api"), ResourceProtector(ResourceServer(issuer.url, API))
    app.add_url_rule("/", "/", require(optional=True)(lambda: {"token": bool(current_token)}))
    with app.app_context():
        assert app.test_client().get("/", headers=bearer(issuer.token())).get_json() == {"token": True}
        assert app.test_client().get("/").get_json() == {"token": False}


def test_an_issuer_that_hangs_is_waited_for_once(issuer):
    asked: list[str] = []

    def hanging(method: str, url: str, headers: Any, body: bytes) -> Any:
        asked.append(url)
        time.sleep(5.2)
        raise TimeoutError

    api, token, ready = ResourceServer(issuer.url, API, transport=hanging), bearer(issuer.token()), threading.Barrier(3)

    def work(_: int) -> int:
        ready.wait()
        with pytest.raises(OAuth2Error) as refused:
            api.authorize("GET", "/", token)
        return refused.value.status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [503] * 3
    assert len(asked) == 1, "who waited for it does not begin to wait anew"


def test_what_must_be_fetched_needs_none_of_the_applications_threads(issuer):
    from anyio.to_thread import current_default_thread_limiter, run_sync

    answer, hangs = issuer.answer, threading.Event()

    def slow(asked: Asked) -> Answer:
        assert hangs.wait(10)
        return answer(asked)

    issuer.answer = slow
    api, token = ResourceServer(issuer.url, API), bearer(issuer.token())

    async def main() -> None:
        waiting = [asyncio.create_task(api.authorize_async("GET", "/", token, "read")) for _ in range(100)]
        await asyncio.sleep(0.1)
        # Those that wait for the issuer are in nobody's way.
        assert await asyncio.wait_for(run_sync(lambda: "done"), 2) == "done"
        hangs.set()
        assert {one["sub"] for one in await asyncio.gather(*waiting)} == {"grace"}
        # And who fetches, for whom others wait, does not wait for a thread that one of them has.
        busy, limiter = threading.Event(), current_default_thread_limiter()
        own = [asyncio.create_task(run_sync(busy.wait)) for _ in range(int(limiter.total_tokens))]
        await asyncio.sleep(0.1)
        try:
            made = await asyncio.wait_for(ResourceServer(issuer.url, API).authorize_async("GET", "/", token, "read"), 2)
            assert made["sub"] == "grace"
        finally:
            busy.set()
            await asyncio.gather(*own)

    asyncio.run(main())


def test_s18_who_the_issuer_is_and_why_it_fails_goes_to_the_log(make, issuer, caplog):
    issuer.is_down = True
    said: list[Any] = []
    for path, token in (("/any", issuer.token()), ("/read", "opaque")):
        status, body, _ = make(introspection=True, client_id="api", client_secret="s" * 32)(path, bearer(token))
        said.append(body)
        assert status == 503
    assert "127.0.0.1" not in json.dumps(said) and "503 " not in json.dumps(said)
    assert "127.0.0.1" in caplog.text


@pytest.mark.parametrize("roles", [5, True, 1.5, {"a": 1}, [1, None], [["admin"]]])
def test_s47_a_claim_of_another_form_opens_nothing(issuer, roles):
    with pytest.raises(InsufficientScopeError):
        ResourceServer(issuer.url, API).authorize("GET", "/", bearer(issuer.token(roles=roles)), roles="admin")
    assert BearerTokenValidator.scope_insufficient(roles, ["admin"])


def test_what_was_left_blank_opens_nothing(issuer):
    api, token = ResourceServer(issuer.url, API), bearer(issuer.token(roles=["user"]))
    for demands in (
        {"scopes": ["", "admin"]},
        {"scopes": ["admin", " "]},
        {"roles": ""},
        {"roles": []},
        {"roles": ["", "admin"]},
    ):
        with pytest.raises(InsufficientScopeError):
            api.authorize("GET", "/", token, **demands)
    # As in Authlib, this is none that is asked for.
    for scopes in (None, "", [], [""]):
        assert api.authorize("GET", "/", token, scopes)["sub"] == "grace"
    assert BearerTokenValidator.scope_insufficient("read", ["", "admin"]) and not BearerTokenValidator.scope_insufficient(
        "", [""]
    )


def test_metadata_is_where_challenges_say(issuer):
    from fastapi import FastAPI
    from flask import Flask
    from starlette.testclient import TestClient

    from authmint.integrations import django_oauth2, fastapi_oauth2, flask_oauth2

    api = ResourceServer(issuer.url, API, bound_tokens=True)
    path = "/.well-known/oauth-protected-resource"
    assert api.metadata_path == path and api.metadata["resource"] == API
    assert api.metadata["authorization_servers"] == [issuer.url] and api.metadata["dpop_bound_access_tokens_required"]
    with pytest.raises(OAuth2Error) as refused:
        api.authorize("GET", "/", {})
    assert f'resource_metadata="{API}{path}"' in str(refused.value.get_headers())
    flask = Flask("api")
    flask_oauth2.ResourceProtector(api).init_app(flask)
    assert flask.test_client().get(path).get_json() == api.metadata
    app = FastAPI()
    app.router.routes.append(fastapi_oauth2.ResourceProtector(api).metadata_route())
    assert TestClient(app).get(path).json() == api.metadata
    DjangoApp()
    from django.test import Client
    from django.urls import clear_url_caches

    urlpatterns[:] = [django_oauth2.ResourceProtector(api).metadata_url()]
    clear_url_caches()
    assert json.loads(Client().get(path).content) == api.metadata
    unnamed = ResourceServer(issuer.url, "orders")
    assert unnamed.metadata is unnamed.metadata_path is None
    for publish in (
        lambda: flask_oauth2.ResourceProtector(unnamed).init_app(flask),
        lambda: django_oauth2.ResourceProtector(unnamed).metadata_url(),
        lambda: fastapi_oauth2.ResourceProtector(unnamed).metadata_route(),
    ):
        with pytest.raises(RuntimeError, match="address"):
            publish()


def test_fastapi_needs_all_scopes_unless_any_will_do(issuer):
    from fastapi import Depends, FastAPI
    from fastapi.testclient import TestClient

    from authmint.integrations.fastapi_oauth2 import ResourceProtector

    app, require = FastAPI(), ResourceProtector(ResourceServer(issuer.url, API)).require_scope
    for path, needed in {"/all": require("read", "write"), "/any": require("read", any_of=["write", "admin"])}.items():
        app.add_api_route(path, lambda token=Depends(needed): token["scope"])
    client = TestClient(app)
    for path, scope, status in (
        ("/all", "read", 403),
        ("/all", "write read", 200),
        ("/any", "read", 403),
        ("/any", "write", 403),
        ("/any", "read admin", 200),
    ):
        assert client.get(path, headers=bearer(issuer.token(scope))).status_code == status, (path, scope)
