"""Protected APIs: what each framework lets through, what it answers otherwise, and what of the issuer is fetched when."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps import DjangoApp, urlpatterns
from authmint import _core
from authmint.jose import JsonWebKey, Key, KeySet, jwt
from authmint.oauth2.rfc6749.errors import OAuth2Error
from authmint.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError, InvalidTokenError
from authmint.resource import ResourceServer
from conftest import SECRET
from issuer import API, bearer
from server import Answer, Asked, Server


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
