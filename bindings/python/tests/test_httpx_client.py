"""The clients on HTTPX: on both libraries of that name, waited for and awaited, over sockets and over mocks."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest

from authmint.integrations import httpx_client
from authmint.integrations.base_client import InvalidTokenError, MissingTokenError, UnsupportedTokenTypeError
from authmint.integrations.httpx_client import OAuthError, on_httpx, on_httpx2
from authmint.jose import jwt
from authmint.oauth2 import PrivateKeyJWT
from authmint.oauth2.rfc6749.errors import MismatchingStateException
from conftest import SECRET, key_for
from server import TOKEN, Answer, Asked, Server

CALLBACK = "https://app.example/callback"
KINDS = [
    pytest.param((module, awaited), id=f"{module.__name__.rpartition('_')[2]}-{'awaited' if awaited else 'blocking'}")
    for module in (on_httpx, on_httpx2)
    for awaited in (False, True)
]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(lambda asked: Answer(dict(TOKEN)))
    yield made
    made.close()


class Client:
    """A client of either kind, whose methods are waited for."""

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self.client, self._loop = client, loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.client, name)
        if self._loop is None or not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            result = value(*args, **kwargs)
            return self._loop.run_until_complete(result) if asyncio.iscoroutine(result) else result

        return call


@pytest.fixture(params=KINDS)
def make(request) -> Iterator[Any]:
    module, awaited = request.param
    loop = asyncio.new_event_loop() if awaited else None
    if loop is not None:
        loop.set_debug(True)
    made = []

    def client(server: Server, name: str = "OAuth2Client", *args: Any, **kwargs: Any) -> Client:
        kind = getattr(module, f"Async{name}" if awaited else name)
        if name == "OAuth2Client":
            given = {"client_secret": "s3cret", "token_endpoint": f"{server.url}/token", "redirect_uri": CALLBACK}
            args, kwargs = ("app",), {**given, **kwargs}
        made.append(Client(kind(*args, **kwargs), loop))
        return made[-1]

    client.httpx, client.awaited = module.httpx, awaited
    yield client
    for one in made:
        one.aclose() if awaited else one.close()
    if loop is not None:
        loop.close()


def test_a_code_is_exchanged(make, server):
    client = make(server)
    url, state = client.create_authorization_url("https://op.example/authorize", nonce="n")
    assert "nonce=n" in url and "code_challenge=" in url
    token = client.fetch_token(authorization_response=f"{CALLBACK}?code=k&state={state}")
    assert token["access_token"] == "at" and client.token is token
    form = server.asked[0].form
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == ("authorization_code", "k", CALLBACK)
    assert len(form["code_verifier"]) == 64
    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"app:s3cret").decode()
    client.get(f"{server.url}/api")
    assert server.asked[1].headers["authorization"] == "Bearer at"


def test_s29_an_answer_to_another_request_is_refused(make, server):
    client = make(server)
    client.create_authorization_url("https://op.example/authorize")
    with pytest.raises(MismatchingStateException):
        client.fetch_token(authorization_response=f"{CALLBACK}?code=k&state=other")
    assert server.asked == []


def test_errors_say_what_the_provider_says(make, server):
    client = make(server)
    with pytest.raises(MissingTokenError):
        client.get(f"{server.url}/api")
    server.answer = lambda asked: Answer({"error": "invalid_grant", "error_description": "used"}, 400)
    with pytest.raises(OAuthError, match="used"):
        client.fetch_token(code="k")
    server.answer = lambda asked: Answer(b"down", 503)
    with pytest.raises(make.httpx.HTTPStatusError):
        client.fetch_token(code="k")
    server.answer = lambda asked: Answer(b"", 302, {"Location": "https://eve.example/"})
    with pytest.raises(ValueError, match="JSON"):
        client.fetch_token(code="k")
    client.client.token = {"access_token": "at", "token_type": "mac"}
    with pytest.raises(UnsupportedTokenTypeError):
        client.get(f"{server.url}/api")


def test_a_request_carries_the_token_where_it_is_wanted(make, server):
    url = f"{server.url}/api?a=1"
    make(server, token=TOKEN, token_placement="uri").get(url)
    assert server.asked[-1].path == "/api?a=1&access_token=at" and "authorization" not in server.asked[-1].headers
    make(server, token=TOKEN, token_placement="body").post(url, data={"b": "2"})
    assert server.asked[-1].body == "b=2&access_token=at"
    client = make(server, token=TOKEN, headers={"X-One": "1"}, timeout=3, base_url=server.url)
    client.request("GET", "/api", withhold_token=True)
    assert "authorization" not in server.asked[-1].headers and server.asked[-1].headers["x-one"] == "1"
    client.request("GET", "/api", auth=("name", "password"))
    assert server.asked[-1].headers["authorization"].startswith("Basic ")
    client.register_compliance_hook("protected_request", lambda url, headers, body: (url, {**headers, "X-Two": "2"}, body))
    client.get("/api")
    assert server.asked[-1].headers["x-two"] == "2" and server.asked[-1].headers["authorization"] == "Bearer at"


def test_a_stream_carries_the_token(make, server):
    client = make(server, token=TOKEN)

    async def awaited() -> bytes:
        async with client.client.stream("GET", f"{server.url}/api") as answer:
            return await answer.aread()

    if make.awaited:
        body = client._loop.run_until_complete(awaited())
    else:
        with client.client.stream("GET", f"{server.url}/api") as answer:
            body = answer.read()
    assert b"at" in body and server.asked[0].headers["authorization"] == "Bearer at"


def test_an_expired_token_is_renewed(make, server):
    renewed = []
    old = {"access_token": "old", "refresh_token": "rt", "expires_at": time.time() - 1}
    server.answer = lambda asked: Answer({"access_token": "new", "token_type": "Bearer", "expires_in": 60 * 60})
    client = make(server, token=old, update_token=lambda token, **why: renewed.append((token["access_token"], why)))
    client.get(f"{server.url}/api")
    assert server.asked[0].form == {"grant_type": "refresh_token", "refresh_token": "rt"}
    assert server.asked[1].headers["authorization"] == "Bearer new"
    assert renewed == [("new", {"refresh_token": "rt"})] and client.token["refresh_token"] == "rt"
    client.client.token = {"access_token": "old", "expires_at": 1}
    with pytest.raises(InvalidTokenError):
        client.get(f"{server.url}/api")
    machine = make(server, token={"access_token": "old", "expires_at": 1}, grant_type="client_credentials", scope="read")
    machine.get(f"{server.url}/api")
    assert server.asked[-2].form == {"grant_type": "client_credentials", "scope": "read"}


def test_hints(make, server):
    client = make(server, token=TOKEN)
    client.revoke_token(f"{server.url}/revoke")
    assert server.asked[-1].form == {"token": "rt"}
    client.introspect_token(f"{server.url}/introspect", token="x", token_type_hint="access_token")
    assert server.asked[-1].form == {"token": "x", "token_type_hint": "access_token"}
    assert server.asked[-1].headers["authorization"].startswith("Basic ")


def test_private_key_jwt_and_hooks(make, server):
    client = make(server, client_secret=key_for("ES256"), token_endpoint_auth_method="private_key_jwt")
    client.register_client_auth_method(PrivateKeyJWT(f"{server.url}/token", alg="ES256"))
    client.register_compliance_hook("access_token_response", lambda answer: answer)
    client.fetch_token(grant_type="client_credentials")
    claims = jwt.decode(server.asked[0].form["client_assertion"], key_for("ES256").as_dict())
    assert claims["iss"] == claims["sub"] == "app" and claims["aud"] == f"{server.url}/token"


def nonced(asked: Asked) -> Answer:
    proof = jwt.decode(asked.headers["dpop"], lambda header, _: header["jwk"])
    nonce = {"DPoP-Nonce": "n1"}
    if proof.get("nonce") != "n1":
        return Answer({"error": "use_dpop_nonce"}, 400 if asked.path == "/token" else 401, nonce)
    return Answer({**TOKEN, "token_type": "DPoP"}, headers=nonce)


def test_dpop(make, server):
    server.answer = nonced
    client = make(server, dpop=True)
    assert client.fetch_token(code="k")["token_type"] == "DPoP"
    client.client.dpop._nonces.clear()
    assert client.post(f"{server.url}/api", json={"a": 1}).status_code == 200
    assert [asked.path for asked in server.asked] == ["/token"] * 2 + ["/api"] * 2
    assert server.asked[-1].headers["authorization"] == "DPoP at" and server.asked[-1].body in ('{"a":1}', '{"a": 1}')


def test_par(make, server):
    server.answer = lambda asked: Answer({"request_uri": "urn:x", "expires_in": 60}, 201)
    client = make(server, par=True, pushed_authorization_request_endpoint=f"{server.url}/par")
    push = client.push_authorization_request if make.awaited else client.create_authorization_url
    url, state = push("https://op.example/authorize", claims="{}")
    assert url == "https://op.example/authorize?client_id=app&request_uri=urn%3Ax"
    assert server.asked[0].form["state"] == state and server.asked[0].form["claims"] == "{}"
    if make.awaited:
        with pytest.raises(ValueError, match="push_authorization_request"):
            client.create_authorization_url("https://op.example/authorize")
    server.answer = lambda asked: Answer({"error": "invalid_request", "error_description": "no"}, 400)
    with pytest.raises(OAuthError, match="no"):
        push("https://op.example/authorize")


def test_a_service_account(make, server):
    key = key_for("RS256")
    given = {"issuer": "robot", "subject": "robot", "scope": "read", "key": key, "alg": "RS256", "timeout": 5}
    client = make(server, "AssertionClient", f"{server.url}/token", **given)
    for _ in range(2):
        client.get(f"{server.url}/api")
    assert [asked.path for asked in server.asked] == ["/token", "/api", "/api"]
    form = server.asked[0].form
    claims = jwt.decode(form["assertion"], key.as_dict())
    assert (claims["iss"], claims["sub"], claims["aud"], form["scope"]) == ("robot", "robot", f"{server.url}/token", "read")
    server.answer = lambda asked: Answer({"error": "invalid_grant"}, 400)
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token()
    with pytest.raises(TypeError, match="unknown"):
        make(server, "AssertionClient", f"{server.url}/token", **given, tiemout=3)


@pytest.mark.parametrize("module", [on_httpx, on_httpx2])
def test_one_renewal_for_all_threads(module, server):
    def slow(asked: Asked) -> Answer:
        if asked.path == "/token":
            time.sleep(0.1)
        return Answer({**TOKEN, "access_token": "new"})

    server.answer = slow
    old = {"access_token": "old", "refresh_token": "rt", "expires_at": 1}
    client = module.OAuth2Client("app", "s", token=old, token_endpoint=f"{server.url}/token")
    robot = module.AssertionClient(f"{server.url}/token", "robot", "robot", key=SECRET, alg="HS256")
    with client, robot, ThreadPoolExecutor(16) as pool:
        for one in (client, robot):
            assert all(answer.status_code == 200 for answer in pool.map(lambda _, c=one: c.get(f"{server.url}/api"), range(32)))
    assert [asked.path for asked in server.asked].count("/token") == 2
    assert all(asked.headers["authorization"] == "Bearer new" for asked in server.asked if asked.path == "/api")


@pytest.mark.parametrize("module", [on_httpx, on_httpx2])
def test_one_renewal_for_all_tasks_and_for_each_loop(module):
    asked: list[str] = []
    kept: list[str] = []

    async def answer(request):
        asked.append(request.url.path)
        if request.url.path == "/token":
            await asyncio.sleep(0.02)
        return module.httpx.Response(200, json={**TOKEN, "access_token": "new"})

    async def keep(token, **_):
        await asyncio.sleep(0)
        kept.append(token["access_token"])

    transport = module.httpx.MockTransport(answer)
    client = module.AsyncOAuth2Client(
        "app", "s", token_endpoint="https://op.example/token", update_token=keep, transport=transport
    )
    robot = module.AsyncAssertionClient("https://op.example/token", "robot", None, key=SECRET, alg="HS256", transport=transport)

    async def together() -> None:
        client.token = {"access_token": "old", "refresh_token": "rt", "expires_at": 1}
        robot.token = None
        for one in (client, robot):
            answers = await asyncio.gather(*(one.get("https://api.example/x") for _ in range(16)))
            assert {answer.request.headers["Authorization"] for answer in answers} == {"Bearer new"}

    for _ in range(2):
        asked.clear()
        asyncio.run(together(), debug=True)
        assert asked.count("/token") == 2
    assert kept == ["new", "new"]


def test_a_renewal_that_fails_does_not_lock_the_others_out():
    async def main() -> None:
        old = {"access_token": "old", "refresh_token": "rt", "expires_at": 1}
        down = httpx2.MockTransport(lambda request: httpx2.Response(503))
        async with on_httpx2.AsyncOAuth2Client(
            "app", "s", token=old, token_endpoint="https://op.example/", transport=down
        ) as client:
            answers = await asyncio.gather(*(client.get("https://api.example/") for _ in range(4)), return_exceptions=True)
        assert all(isinstance(answer, httpx2.HTTPStatusError) for answer in answers)

    asyncio.run(asyncio.wait_for(main(), 10), debug=True)


def test_a_client_is_of_the_library_that_it_is_given():
    assert httpx_client.OAuth2Client is on_httpx2.OAuth2Client
    for library in (httpx, httpx2):
        transport = library.MockTransport(lambda request, library=library: library.Response(200, json=TOKEN))
        with httpx_client.OAuth2Client("app", "s", transport=transport) as client:
            assert isinstance(client, library.Client)
            assert client.fetch_token("https://op.example/token", code="k")["access_token"] == "at"
        assert isinstance(httpx_client.AsyncOAuth2Client("app", mounts={"all://": transport}), library.AsyncClient)

    class Own(httpx_client.OAuth2Client):
        pass

    with pytest.raises(TypeError, match="of httpx2"):
        Own("app", timeout=httpx.Timeout(3))


def test_a_token_without_a_client(server):
    for module in (on_httpx, on_httpx2):
        module.httpx.get(f"{server.url}/api", auth=module.OAuth2Auth({"access_token": "at"}))
        assert server.asked[-1].headers["authorization"] == "Bearer at"
        auth = module.OAuth2ClientAuth("app", "s3cret", "client_secret_post")
        module.httpx.post(f"{server.url}/token", data={"grant_type": "client_credentials"}, auth=auth)
        assert server.asked[-1].form["client_secret"] == "s3cret"


def test_a_client_that_acts_for_itself_fetches_its_first_token(make, server):
    client = make(server, grant_type="client_credentials", scope="read")
    for _ in range(2):
        client.get(f"{server.url}/api")
    assert [asked.path for asked in server.asked] == ["/token", "/api", "/api"]
    assert server.asked[0].form == {"grant_type": "client_credentials", "scope": "read"}
    for lacks in ({"token_endpoint": None, "grant_type": "client_credentials"}, {}):
        with pytest.raises(MissingTokenError):
            make(server, **lacks).get(f"{server.url}/api")


def test_a_token_in_a_fragment_is_there_at_once(make, server):
    client = make(server, state="s")
    token = client.client.fetch_token(authorization_response=f"{CALLBACK}#access_token=at&token_type=bearer&state=s")
    assert token["access_token"] == "at" and server.asked == []


def test_a_parameter_may_be_there_several_times(make, server):
    client = make(server)
    url, _ = client.create_authorization_url("https://op.example/authorize", resource=["https://a.example", "https://b.example"])
    assert url.count("resource=") == 2
    client.fetch_token(grant_type="client_credentials", resource=["https://a.example", "https://b.example"], audience=None)
    assert server.asked[0].body.count("resource=") == 2 and "audience" not in server.asked[0].body


def test_s37_what_an_api_has_done_is_not_done_again_for_a_nonce(make, server):
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer({}, 303, {"Location": f"{server.url}/done"})
        return Answer({}, 401, {"DPoP-Nonce": f"n{len(server.asked)}"})

    server.answer = answer
    client = make(server, dpop=True, follow_redirects=True, token={**TOKEN, "token_type": "DPoP"})
    client.post(f"{server.url}/pay", json={"amount": 1})
    assert [asked.path for asked in server.asked].count("/pay") == 1


def test_s37_a_nonce_is_the_one_of_the_server_that_said_it(make, server):
    eve = Server(lambda asked: Answer({}, 401, {"DPoP-Nonce": "of eve"}))
    server.answer = lambda asked: Answer({}, 302, {"Location": f"{eve.url}/"}) if asked.path == "/away" else Answer({})
    client = make(server, dpop=True, follow_redirects=True, token={**TOKEN, "token_type": "DPoP"})
    client.get(f"{server.url}/away")
    client.get(f"{server.url}/api")
    eve.close()
    assert "authorization" not in eve.asked[0].headers
    proof = jwt.decode(server.asked[-1].headers["dpop"], lambda header, claims: header["jwk"])
    assert "nonce" not in proof


@pytest.mark.parametrize("is_shared", [True, False], ids=["shared", "closed at once"])
def test_s36_a_renewal_that_was_begun_comes_to_its_end(is_shared):
    used: list[str] = []

    def slow(asked: Asked) -> Answer:
        if asked.path == "/token":
            used.append(asked.form["refresh_token"])
            time.sleep(0.2)
            return Answer({**TOKEN, "access_token": "new", "refresh_token": f"{asked.form['refresh_token']}+"})
        return Answer({})

    server, kept = Server(slow), {**TOKEN, "expires_at": 1}

    async def keep(token: Any, **_: Any) -> None:
        kept.update(token)

    def client() -> Any:
        return on_httpx2.AsyncOAuth2Client("app", "s", token_endpoint=f"{server.url}/token", token=kept, update_token=keep)

    async def ask() -> None:
        async with client() as own:
            await own.get(f"{server.url}/api")

    async def main() -> None:
        async with client() as shared:
            asks = [
                asyncio.create_task(shared.get(f"{server.url}/api") if is_shared else ask()) for _ in range(4 if is_shared else 1)
            ]
            await asyncio.sleep(0.1)
            asks[0].cancel()
            if is_shared:
                asks[3].cancel()
            results = await asyncio.gather(*asks, return_exceptions=True)
            assert isinstance(results[0], asyncio.CancelledError)
            assert all(not isinstance(result, Exception) for result in results)
            await ask()

    asyncio.run(main(), debug=True)
    server.close()
    # Who uses a refresh token twice is taken for its thief.
    assert used == ["rt"] and kept["refresh_token"] == "rt+"


def test_a_hook_of_a_renewal_may_use_the_client():
    carried: list[str] = []

    def answer(request: Any) -> Any:
        carried.append(request.headers.get("Authorization", ""))
        return httpx2.Response(200, json={**TOKEN, "access_token": "new", "expires_in": 30})

    async def main() -> None:
        async def keep(token: Any, **_: Any) -> None:
            await client.get("https://api.example/who")

        old = {"access_token": "old", "refresh_token": "rt", "expires_at": 1}
        client = on_httpx2.AsyncOAuth2Client(
            "app", "s", token=old, token_endpoint="https://op.example/", update_token=keep, transport=httpx2.MockTransport(answer)
        )
        await client.get("https://api.example/")

    asyncio.run(asyncio.wait_for(main(), 5), debug=True)
    assert carried[1:] == ["Bearer new", "Bearer new"]


@pytest.mark.parametrize("module", [on_httpx, on_httpx2])
def test_what_a_program_has_made_its_own_is_used(module):
    asked: list[str] = []
    old = {"access_token": "old", "refresh_token": "rt", "token_type": "Bearer", "expires_at": 1}

    def answer(request: Any) -> Any:
        asked.append(request.url.path)
        return module.httpx.Response(200, json=dict(TOKEN))

    class Own(module.OAuth2Client):
        def refresh_token(self, url=None, refresh_token=None, **kwargs):
            asked.append(f"refresh {refresh_token}")
            return super().refresh_token(url, refresh_token, **kwargs)

        def post(self, url, **kwargs):
            asked.append("post")
            return super().post(url, **kwargs)

    class Awaited(module.AsyncOAuth2Client):
        async def refresh_token(self, url=None, refresh_token=None, **kwargs):
            asked.append(f"refresh {refresh_token}")
            return await super().refresh_token(url, refresh_token, **kwargs)

        async def post(self, url, **kwargs):
            asked.append("post")
            return await super().post(url, **kwargs)

    given = {"token": old, "token_endpoint": "https://op.example/token", "transport": module.httpx.MockTransport(answer)}
    with Own("app", "s3cret", **given) as client:
        client.get("https://api.example/api")
    assert asked == ["refresh rt", "post", "/token", "/api"]
    asked.clear()

    async def go() -> None:
        async with Awaited("app", "s3cret", **given) as client:
            await client.get("https://api.example/api")

    asyncio.run(go())
    assert asked == ["refresh rt", "post", "/token", "/api"]


@pytest.mark.parametrize("status", [404, 500])
def test_s18_an_error_does_not_hold_what_the_address_held(make, server, status):
    server.answer = lambda asked: Answer(b"<html>", status)
    client = make(server, token_endpoint_auth_method="client_secret_post")
    with pytest.raises((ValueError, make.httpx.HTTPStatusError)) as refused:
        client.fetch_token(method="GET", username="ada", password="hunter22")
    assert "s3cret" in server.asked[0].path and f"{server.url}/token" in str(refused.value)
    assert not any(secret in f"{refused.value} {refused.value!r}" for secret in ("s3cret", "hunter22"))
