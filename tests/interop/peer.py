"""joserfc on the other side: reads what we made, and makes what we must read.

    python peer.py < ours.json > theirs.json
"""

import base64
import json
import sys

from joserfc import jwe, jws
from joserfc.drafts.jwe_chacha20 import register_chacha20_poly1305
from joserfc.drafts.jwe_ecdh_1pu import register_ecdh_1pu
from joserfc.jwk import import_key

register_chacha20_poly1305()
register_ecdh_1pu()

# What this library has no name for.
LACKS = ("ML-DSA", "RSA-OAEP-384", "RSA-OAEP-512")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(jwk: dict):
    bare = {name: value for name, value in jwk.items() if name not in ("alg", "use", "kid")}
    return import_key(bare)


def both_ways(case: dict) -> dict:
    alg, enc, payload = case["alg"], case.get("enc"), decode(case["payload"])
    key = key_of(case["key"])
    if enc is None:
        read = jws.deserialize_compact(case["message"], key, algorithms=[alg])
        assert read.payload == payload
        made = jws.serialize_compact({"alg": alg}, payload, key, algorithms=[alg])
        return {**case, "message": made}
    registry = jwe.JWERegistry(algorithms=[alg, enc, "DEF"])
    sender = {"sender_key": key_of(case["sender"])} if "sender" in case else {}
    read = jwe.decrypt_compact(case["message"], key, registry=registry, **sender)
    assert read.plaintext == payload
    header = {"alg": alg, "enc": enc}
    if "zip" in case:
        header["zip"] = case["zip"]
    made = jwe.encrypt_compact(header, payload, key, registry=registry, **sender)
    return {**case, "message": made}


def main() -> None:
    theirs, skipped = [], 0
    for case in json.load(sys.stdin):
        if case["alg"].startswith(LACKS):
            skipped += 1
            continue
        try:
            theirs.append(both_ways(case))
        except Exception as problem:
            name = f"{case['alg']} {case.get('enc', '')} {case['key'].get('crv', '')}"
            raise SystemExit(f"joserfc can't do {name}: {type(problem).__name__}: {problem}") from problem
    print(f"joserfc: {len(theirs)} cases both ways, {skipped} that it does not know", file=sys.stderr)
    print(json.dumps(theirs))


if __name__ == "__main__":
    main()
