"""JOSE from Python, in one run beside Authlib, joserfc and PyJWT: operations per second, in turns, keys read before.

Run it by `benches/python/run`.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import files

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

warnings.simplefilter("ignore")

import authlib.jose as authlib_jose  # noqa: E402
import jwt as pyjwt  # noqa: E402
from joserfc import jwk, jwt as joserfc_jwt  # noqa: E402

from authmint import jose  # noqa: E402

ROUNDS, SECONDS = 15, 0.03
SECRET = "a secret that is long enough for every hash: 64 bytes, and more than that"
CLAIMS = {
    "iss": "https://login.example",
    "aud": "https://api.example",
    "sub": "248289761001",
    "client_id": "s6BhdRkqt3",
    "scope": "openid profile reademail",
    "iat": int(time.time()),
    "exp": int(time.time()) + 3600,
    "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
}
KINDS = {"HS256": None, "RS256": ("RSA", 2048), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
Work = Callable[[], object]


def work(alg: str) -> dict[str, tuple[Work, Work]]:
    """How each library signs, and verifies with exp, iss and aud."""
    kind = KINDS[alg]
    pem = jose.JsonWebKey.generate_key(*kind, is_private=True).as_pem(is_private=True) if kind else SECRET.encode()
    kty = kind[0] if kind else "oct"
    ours = jose.JsonWebKey.import_key(pem, {"kty": kty})
    theirs = authlib_jose.JsonWebKey.import_key(pem, {"kty": kty})
    rfc = {"oct": jwk.OctKey, "RSA": jwk.RSAKey, "EC": jwk.ECKey, "OKP": jwk.OKPKey}[kty].import_key(pem)
    private = load_pem_private_key(pem, None) if kind else SECRET
    public = load_pem_public_key(ours.as_pem()) if kind else SECRET

    header, token = {"alg": alg}, jose.jwt.encode({"alg": alg}, CLAIMS, ours).decode()
    expected = {"iss": {"essential": True, "value": CLAIMS["iss"]}, "aud": {"essential": True, "value": CLAIMS["aud"]}}
    registry = joserfc_jwt.JWTClaimsRegistry(**expected)
    policy = jose.Policy([alg], issuer=CLAIMS["iss"], audience=CLAIMS["aud"])
    return {
        "authmint jwt": (
            lambda: jose.jwt.encode(header, CLAIMS, ours),
            lambda: jose.jwt.decode(token, ours, claims_options=expected).validate(),
        ),
        "authmint verify": (
            lambda: jose.sign(CLAIMS, ours, alg=alg),
            lambda: jose.verify(token, ours, policy),
        ),
        "authlib.jose": (
            lambda: authlib_jose.jwt.encode(header, CLAIMS, theirs),
            lambda: authlib_jose.jwt.decode(token, theirs, claims_options=expected).validate(),
        ),
        "joserfc": (
            lambda: joserfc_jwt.encode(header, CLAIMS, rfc, algorithms=[alg]),
            lambda: registry.validate(joserfc_jwt.decode(token, rfc, algorithms=[alg]).claims),
        ),
        "PyJWT": (
            lambda: pyjwt.encode(CLAIMS, private, algorithm=alg),
            lambda: pyjwt.decode(token, public, algorithms=[alg], audience=CLAIMS["aud"], issuer=CLAIMS["iss"]),
        ),
    }


def rates(each: dict[str, Work]) -> dict[str, float]:
    """The best round of each, in turns."""
    best = dict.fromkeys(each, 0.0)
    for _ in range(ROUNDS):
        for name, run in each.items():
            count, begun = 0, time.perf_counter()
            while (taken := time.perf_counter() - begun) < SECONDS:
                for _ in range(10):
                    run()
                count += 10
            best[name] = max(best[name], count / taken)
    return best


def imports(module: str) -> float:
    """Milliseconds of an import beyond Python's own start; the best of some."""

    def best(code: str) -> float:
        taken = []
        for _ in range(9):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
            taken.append(time.perf_counter() - begun)
        return min(taken) * 1000

    return best(f"import {module}") - best("pass")


def size(*names: str) -> float:
    """Megabytes that packages take on the disk."""
    return sum(path.size or 0 for name in names for path in files(name) or ()) / 1e6


def main() -> None:
    """Prints the tables."""
    names = list(work("HS256"))
    print("|", " | ".join(["", *names, "× the best peer: jwt", "verify"]), "|")
    print("|" + "---|" * (len(names) + 3))
    for alg in KINDS:
        each = work(alg)
        for place, what in enumerate(("sign", "verify")):
            found = rates({name: both[place] for name, both in each.items()})
            peer = max(found[name] for name in names[2:])
            ratios = [f"{found[name] / peer:.2f}" for name in names[:2]]
            print("|", " | ".join([f"{alg} {what}", *(f"{found[name]:.0f}" for name in names), *ratios]), "|")
    print()
    for module, packages in {
        "authmint.jose": ("authmint",),
        "authlib.jose": ("authlib", "cryptography"),
        "joserfc.jwt": ("joserfc", "cryptography"),
        "jwt": ("pyjwt", "cryptography"),
    }.items():
        print(f"{module}: import {imports(module):.0f} ms, {size(*packages):.1f} MB with what it needs ({', '.join(packages)})")


if __name__ == "__main__":
    main()
