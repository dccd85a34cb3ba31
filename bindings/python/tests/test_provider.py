"""Clients against `authmint serve`, over real sockets. AUTHMINT_BIN names the program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from authmint.integrations.requests_client import OAuth2Session, OAuthError
from authmint.jose import JsonWebKey, Policy, jwt, verify
from authmint.oauth2 import ClientSecretJWT, PrivateKeyJWT
from conftest import key_for
from provider import CALLBACK, PROGRAM, SECRET, Provider, web_client
from test_examples import JWTManager

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="AUTHMINT_BIN does not name the program")

METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]
PUBLIC = {"alg": "ES256", "use": "sig", "kid": "app"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    jwks = {"keys": [{**key_for("ES256").as_dict(), **PUBLIC}]}
    clients = [
        web_client(method, token_endpoint_auth_method=method, **({"jwks": jwks} if method == "private_key_jwt" else {}))
        for method in METHODS
    ]
    clients.append(web_client("bound", dpop_bound_access_tokens=True))
    job = {"client_id": "job", "client_secret": SECRET, "grant_types": ["client_credentials"], "scope": "orders:read"}
    clients.append({**job, "audience": ["https://orders.example"]})
    made = Provider(tmp_path_factory.mktemp("provider"), clients, require_dpop_nonce=True)
    yield made
    made.stop()


def session(provider: Provider, client_id: str, **more) -> OAuth2Session:
    more.setdefault("client_secret", SECRET)
    return OAuth2Session(
        client_id, redirect_uri=CALLBACK, scope="openid profile email offline_access", **{**provider.metadata, **more}
    )


def sessions(provider: Provider, method: str) -> OAuth2Session:
    if method == "private_key_jwt":
        key = JsonWebKey.import_key(key_for("ES256").as_pem(is_private=True), {"kid": "app"})
        made = session(provider, method, client_secret=key, token_endpoint_auth_method=method)
        made.register_client_auth_method(PrivateKeyJWT(issuer=provider.issuer, alg="ES256"))
        return made
    made = session(provider, method, token_endpoint_auth_method=method, **({"client_secret": None} if method == "none" else {}))
    if method == "client_secret_jwt":
        made.register_client_auth_method(ClientSecretJWT(issuer=provider.issuer))
    return made


@pytest.mark.parametrize("par", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_a_person_logs_in(provider, method, par):
    client = sessions(provider, method)
    client.par = par
    url, _ = client.create_authorization_url(provider.metadata["authorization_endpoint"], nonce="n")
    assert ("request_uri=" in url) == par
    token = client.fetch_token(authorization_response=provider.log_in(url))
    keys = JsonWebKey.import_key_set(client.get(provider.metadata["jwks_uri"], withhold_token=True).text)
    policy = Policy(["ES256", "RS256"], issuer=provider.issuer, audience=method)
    claims = verify(token["id_token"], keys, policy)
    assert claims["nonce"] == "n" and jwt.decode(token["id_token"], keys)["sub"] == claims["sub"]
    person = client.get(provider.metadata["userinfo_endpoint"]).json()
    assert person["sub"] == claims["sub"] and person["email"] == "grace@example.com"
    old = dict(token)
    renewed = client.refresh_token()
    assert renewed["refresh_token"] != old["refresh_token"]
    assert client.get(provider.metadata["userinfo_endpoint"]).ok
    if method != "none":
        known = client.introspect_token(provider.metadata["introspection_endpoint"], token=renewed["access_token"]).json()
        assert known["active"] and known["client_id"] == method
    assert client.revoke_token(provider.metadata["revocation_endpoint"]).ok
    with pytest.raises(OAuthError) as refused:
        client.refresh_token()
    assert refused.value.error == "invalid_grant"


def test_one_session_asks_and_another_reads_the_answer(provider):
    url, state = session(provider, "client_secret_basic").create_authorization_url(provider.metadata["authorization_endpoint"])
    answer = provider.log_in(url)
    token = session(provider, "client_secret_basic").fetch_token(authorization_response=answer, state=state)
    assert token["access_token"]
    with pytest.raises(OAuthError, match="invalid_grant"):
        session(provider, "client_secret_basic").fetch_token(authorization_response=answer, state=state)


def test_s37_tokens_are_bound_to_a_key_with_nonces(provider):
    client = session(provider, "bound", dpop=True)
    url, _ = client.create_authorization_url(provider.metadata["authorization_endpoint"])
    token = client.fetch_token(authorization_response=provider.log_in(url))
    assert token["token_type"] == "DPoP"
    assert client.get(provider.metadata["userinfo_endpoint"]).json()["email"] == "grace@example.com"
    assert client.refresh_token()["token_type"] == "DPoP"
    stolen = session(provider, "bound", token={**client.token, "token_type": "Bearer"})
    assert stolen.get(provider.metadata["userinfo_endpoint"]).status_code == 401


def test_a_job_has_tokens_for_itself(provider):
    client = OAuth2Session("job", SECRET, scope="orders:read", grant_type="client_credentials", **provider.metadata)
    token = client.fetch_token()
    assert token["scope"] == "orders:read" and not token.is_expired()
    with pytest.raises(OAuthError) as refused:
        OAuth2Session("job", "wrong", **provider.metadata).fetch_token(grant_type="client_credentials")
    assert refused.value.error == "invalid_client"


async def manager_at(provider: Provider) -> dict:
    """The service of the example: its own assertion, for the token endpoint, in a form of HTTPX."""
    manager = JWTManager(key_for("RS256").as_pem(is_private=True).decode())
    endpoint = provider.metadata["token_endpoint"]
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            endpoint,
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": manager.create_client_assertion("job", endpoint),
                "scope": "read write",
            },
        )
    return answer.json()


@pytest.mark.parametrize(("profile", "error"), [("legacy", None), ("oauth21", "invalid_client")])
def test_an_assertion_for_the_token_endpoint_is_of_the_old_profile(tmp_path, profile, error):
    jwks = {"keys": [{**key_for("RS256").as_dict(), "use": "sig"}]}
    job = {"client_id": "job", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}
    provider = Provider(tmp_path, [{**job, "grant_types": ["client_credentials"], "scope": "read write"}], profile=profile)
    answer = asyncio.run(manager_at(provider), debug=True)
    provider.stop()
    assert answer.get("error") == error and (error or answer["scope"] == "read write")
