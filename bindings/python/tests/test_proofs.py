"""Access tokens that are bound to a key, and the proofs that come with them (RFC 9449)."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps import DjangoApp
from authmint.jose import JsonWebKey, Key
from authmint.oauth2.rfc6749.errors import OAuth2Error
from authmint.oauth2.rfc6750 import InvalidTokenError
from authmint.resource import ResourceServer
from issuer import API, Issuer, bearer, proof


def test_s37_a_bound_token_comes_with_its_proof(make, issuer):
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


class Cache:
    """What two processes share: it adds a name that is not there yet."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, name: str, seconds: int) -> bool:
        time.sleep(0.01)
        with self._lock:
            is_new = name not in self.kept
            self.kept.setdefault(name, seconds)
            return is_new


def bound(issuer: Issuer) -> tuple[Key, str]:
    key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    return key, issuer.token(cnf={"jkt": key.thumbprint()})


def test_s37_processes_remember_proofs_together(issuer):
    cache, (key, token) = Cache(), bound(issuer)
    apis = [ResourceServer(issuer.url, API, use_once=cache.add) for _ in range(4)]
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof(key, token)}
    ready = threading.Barrier(16)

    def work(n: int) -> str:
        ready.wait()
        try:
            return str(apis[n % 4].authorize("GET", "/read", headers)["sub"])
        except OAuth2Error as refused:
            return str(refused.error)

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(work, range(16))) == ["grace", *["invalid_dpop_proof"] * 15]
    ((name, seconds),) = cache.kept.items()
    assert len(name) == 43 and name.replace("-", "").replace("_", "").isalnum(), "any cache takes it as a key"
    assert 60 <= seconds <= 80


def test_s37_tasks_wait_for_the_cache_without_blocking_the_loop(issuer):
    cache, (key, token) = Cache(), bound(issuer)
    api = ResourceServer(issuer.url, API, use_once=cache.add)

    async def ask(made: str) -> str:
        try:
            headers = {"Authorization": f"DPoP {token}", "DPoP": made}
            return str((await api.authorize_async("GET", "/read", headers))["sub"])
        except OAuth2Error as refused:
            return str(refused.error)

    async def main() -> None:
        loop_of = threading.get_ident()
        api_of: set[int] = set()
        add = cache.add
        cache.add = lambda *args: (api_of.add(threading.get_ident()), add(*args))[1]  # type: ignore[method-assign]
        once = proof(key, token)
        answers = await asyncio.gather(*(ask(made) for made in [once] * 8 + [proof(key, token) for _ in range(8)]))
        assert sorted(answers) == ["grace"] * 9 + ["invalid_dpop_proof"] * 7
        assert loop_of not in api_of

    asyncio.run(main(), debug=True)


def test_s37_the_cache_may_be_that_of_django(issuer):
    DjangoApp()
    from django.core.cache import cache

    key, token = bound(issuer)
    apis = [
        ResourceServer(issuer.url, API, use_once=lambda name, seconds: cache.add(f"dpop:{name}", 1, seconds)) for _ in range(2)
    ]
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof(key, token)}
    assert apis[0].authorize("GET", "/read", headers)["sub"] == "grace"
    with pytest.raises(OAuth2Error):
        apis[1].authorize("GET", "/read", headers)


@pytest.mark.parametrize("answer", [None, "yes", 1, RuntimeError("a secret is in this text")])
def test_s37_a_cache_that_fails_lets_nothing_through(issuer, caplog, answer):
    def add(name: str, seconds: int) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    key, token = bound(issuer)
    api = ResourceServer(issuer.url, API, use_once=add)
    with pytest.raises(OAuth2Error) as refused:
        api.authorize("GET", "/read", {"Authorization": f"DPoP {token}", "DPoP": proof(key, token)})
    assert refused.value.status_code == 503
    why = "RuntimeError" if isinstance(answer, Exception) else "use_once returned neither True nor False"
    assert f"the store of used proofs failed: {why}" in caplog.text
    assert "a secret" not in caplog.text + str(refused.value)
    # Tokens that are not bound need no cache.
    assert api.authorize("GET", "/read", bearer(issuer.token()))["sub"] == "grace"


def test_what_the_core_warns_of_is_in_the_log(issuer, caplog):
    key, token = bound(issuer)
    api, headers = ResourceServer(issuer.url, API), {"Authorization": f"DPoP {token}", "DPoP": proof(key, token)}
    assert api.authorize("GET", "/read", headers)["sub"] == "grace"
    assert not caplog.records
    with pytest.raises(OAuth2Error):
        api.authorize("GET", "/read", headers)
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("authmint", "WARNING")
    assert record.getMessage() == f'a DPoP proof was replayed; jkt="{key.thumbprint()}"'
    assert token not in caplog.text and headers["DPoP"] not in caplog.text
