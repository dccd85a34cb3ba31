"""The example applications, each a program of its own, against `authmint serve`; a person clicks through in Chromium.

AUTHMINT_BIN names the program, CHROMIUM the browser. SCREENSHOTS may name a folder to keep pictures of the pages in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from authmint.integrations.requests_client import OAuth2Session
from authmint.jose import jwt
from conftest import key_for
from provider import PERSON, PROGRAM, SECRET, Provider, free_port, web_client

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
EXAMPLES = Path(__file__).parent.parent / "examples"

pytestmark = pytest.mark.skipif(PROGRAM is None or CHROMIUM is None, reason="AUTHMINT_BIN and CHROMIUM name the programs")


class Program:
    """A program of the examples, with these settings in its environment."""

    def __init__(self, *command: str, url: str | None = None, **environment: str) -> None:
        # Not the environment of the tests: nothing but the settings is needed.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=EXAMPLES,
            env={**kept, **environment, "PYTHONASYNCIODEBUG": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun = time.monotonic()
        while url is not None:
            try:
                requests.get(url, timeout=1)
                break
            except requests.ConnectionError:
                assert self._process.poll() is None, self._process.communicate()[0]
                assert time.monotonic() - begun < 30, f"{command} does not start"
                time.sleep(0.05)

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self, typed: str = "") -> str:
        output, _ = self._process.communicate(typed, timeout=30)
        assert self._process.returncode == 0, output
        return output

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {"flask": free_port(), "api": free_port()}


@pytest.fixture(scope="module")
def api_address(ports) -> str:
    return "https://api.example"


@pytest.fixture(scope="module")
def provider(tmp_path_factory, ports, api_address) -> Iterator[Provider]:
    flask = f"http://localhost:{ports['flask']}"
    of_api = {"audience": [api_address], "access_token_format": "jwt"}
    clients = [
        web_client("program", redirect_uris=["http://localhost:8080/callback"]),
        web_client("with-google", redirect_uris=[f"{flask}/authorize/google"]),
        web_client("api-user", scope="openid profile admin", redirect_uris=["http://localhost:8080/callback"], **of_api),
        {
            "client_id": "job",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [{**key_for("RS256").as_dict(), "alg": "RS256", "use": "sig"}]},
            "grant_types": ["client_credentials"],
            "scope": "read write",
            **of_api,
        },
    ]
    made = Provider(tmp_path_factory.mktemp("provider"), clients)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def plain_provider(tmp_path_factory, ports) -> Iterator[Provider]:
    back = f"http://localhost:{ports['flask']}/authorize/github"
    made = Provider(tmp_path_factory.mktemp("plain"), [web_client("with-github", redirect_uris=[back])])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium) -> Iterator[Any]:
    context = chromium.new_context()
    made = context.new_page()
    made.set_default_timeout(10_000)
    yield made
    context.close()


def shoot(page: Any, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def type_login(page: Any) -> None:
    page.fill("#login [name=username]", PERSON["username"])
    page.fill("#login [name=password]", PERSON["password"])
    page.click("#login-submit")
    if "/consent" in page.url:
        page.click("#consent-allow")


def come_back(page: Any, url: str) -> str:
    """Follows an authorization request to the address of a program that listens nowhere."""
    answers: list[str] = []
    page.route(
        "http://localhost:8080/**", lambda route: (answers.append(route.request.url), route.fulfill(body="You may go back."))[1]
    )
    page.goto(url)
    type_login(page)
    page.wait_for_url("http://localhost:8080/**")
    return answers[0]


def test_the_program_on_requests(provider, page):
    program = Program(
        "requests_client.py",
        CLIENT_ID="program",
        CLIENT_SECRET=SECRET,
        AUTHORIZATION_URL=provider.metadata["authorization_endpoint"],
        TOKEN_URL=provider.metadata["token_endpoint"],
    )
    url = program.line().removeprefix("Open ").strip()
    assert "code_challenge_method=S256" in url
    assert "A token for openid profile" in program.end(come_back(page, url) + "\n")


@pytest.fixture(scope="module")
def flask_app(provider, plain_provider, ports) -> Iterator[str]:
    url = f"http://localhost:{ports['flask']}"
    program = Program(
        "flask_login.py",
        url=url,
        PORT=str(ports["flask"]),
        GOOGLE_CLIENT_ID="with-google",
        GOOGLE_CLIENT_SECRET=SECRET,
        GOOGLE_METADATA=f"{provider.issuer}/.well-known/openid-configuration",
        GITHUB_CLIENT_ID="with-github",
        GITHUB_CLIENT_SECRET=SECRET,
        GITHUB_ADDRESS=plain_provider.metadata["authorization_endpoint"].removesuffix("/authorize"),
        GITHUB_TOKEN_URL=plain_provider.metadata["token_endpoint"],
        # What GitHub calls /user is here the endpoint of OpenID Connect.
        GITHUB_API=plain_provider.metadata["userinfo_endpoint"] + "/../",
        GITHUB_SCOPE="profile email openid",
    )
    yield url
    program.stop()


def test_a_person_logs_in_with_either_of_two_providers(flask_app, page):
    page.goto(flask_app)
    shoot(page, "flask-before")
    page.click("#google")
    shoot(page, "provider-login")
    type_login(page)
    assert page.url == f"{flask_app}/" and page.text_content("h1") == f"Hello, {PERSON['name']}!"
    assert "google" in page.text_content("p")
    shoot(page, "flask-after")
    profile = page.request.get(f"{flask_app}/api/profile").json()
    assert profile == {"name": PERSON["name"], "email": PERSON["email"], "provider": "google"}
    page.click("#logout")
    assert page.text_content("h1") == "Log in"
    assert page.request.get(f"{flask_app}/api/profile").status == 401


def test_s29_a_login_that_another_browser_began_is_refused(flask_app, provider, page):
    begun = requests.get(f"{flask_app}/login/google", allow_redirects=False, timeout=5).headers["Location"]
    page.goto(provider.log_in(begun))
    shoot(page, "flask-refused")
    assert "cookie was not sent" in page.text_content("p")
    page.goto(flask_app)
    assert page.text_content("h1") == "Log in"


@pytest.fixture(scope="module", params=["fastapi_api", "fastapi_own_dependency"])
def api(request, provider, ports, api_address) -> Iterator[tuple[str, str]]:
    url = f"http://127.0.0.1:{ports['api']}"
    program = Program(
        "-m",
        "uvicorn",
        f"{request.param}:app",
        "--port",
        str(ports["api"]),
        url=url,
        ISSUER=provider.issuer,
        API=api_address,
        JWKS_URI=provider.metadata["jwks_uri"],
    )
    yield url, request.param
    program.stop()


def test_the_service_on_httpx_calls_the_api(provider, api, tmp_path):
    key = tmp_path / "key.pem"
    key.write_bytes(key_for("RS256").as_pem(is_private=True))
    job = {
        "CLIENT_ID": "job",
        "PRIVATE_KEY": str(key),
        "ISSUER": provider.issuer,
        "TOKEN_URL": provider.metadata["token_endpoint"],
    }
    output = Program("httpx_client.py", **job, API_URL=f"{api[0]}/protected", SCOPE="read").end()
    assert "Token type: Bearer" in output and "job" in output and provider.issuer in output


def test_all_routes_of_the_api(provider, api, page):
    url, name = api
    client = OAuth2Session(
        "api-user", SECRET, redirect_uri="http://localhost:8080/callback", scope="openid profile admin", **provider.metadata
    )
    address, state = client.create_authorization_url(provider.metadata["authorization_endpoint"])
    client.fetch_token(authorization_response=come_back(page, address))
    subject = jwt.decode(client.token["access_token"], requests.get(provider.metadata["jwks_uri"], timeout=5).text)["sub"]
    assert requests.get(f"{url}/", timeout=5).status_code == 200
    profile = client.get(f"{url}/profile")
    assert profile.status_code == 200 and profile.json()["sub"] == subject
    assert client.get(f"{url}/admin").status_code == 200
    assert client.get(f"{url}/protected").status_code == 200
    refused = client.post(f"{url}/data", json={"a": 1})
    assert refused.status_code == 403
    for headers in ({}, {"Authorization": "Bearer garbage"}, {"Authorization": f"Bearer {client.token['id_token']}"}):
        for path in ("/protected", "/profile", "/admin"):
            status = requests.get(url + path, headers=headers, timeout=5).status_code
            # A dependency that does not ask what kind of token it is takes an ID token, too.
            own = name == "fastapi_own_dependency" and "id_token" in client.token and headers.get("Authorization", "").count(".")
            assert status in (401, 403) or (own and status == 200), (path, headers)
    if name == "fastapi_api":
        challenge = requests.get(f"{url}/profile", timeout=5).headers["WWW-Authenticate"]
        assert 'scope="profile"' in challenge
        assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    else:
        assert requests.get(f"{url}/public", timeout=5).json()["message"]


def test_a_job_writes(provider, api):
    url, _ = api
    from authmint.integrations.httpx_client.on_httpx import OAuth2Client
    from authmint.oauth2 import PrivateKeyJWT

    with OAuth2Client(
        "job", key_for("RS256"), "private_key_jwt", token_endpoint=provider.metadata["token_endpoint"], scope="write"
    ) as client:
        client.register_client_auth_method(PrivateKeyJWT(issuer=provider.issuer))
        client.fetch_token(grant_type="client_credentials")
        answer = client.post(f"{url}/data", json={"a": 1})
        assert answer.status_code == 200 and answer.json()["data"] == {"a": 1}
        assert client.get(f"{url}/admin").status_code == 403
