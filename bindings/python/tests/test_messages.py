"""JWS and JWE in every form, and both ways with other libraries."""

from __future__ import annotations

import base64
import json
import warnings

import pytest

from authmint.jose import JsonWebEncryption, JsonWebKey, JsonWebSignature, KeySet, OctKey, errors
from conftest import KINDS, SECRET, key_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import authlib.jose as theirs

MANAGEMENTS = {
    "RSA-OAEP": ("RSA", 2048),
    "RSA-OAEP-256": ("RSA", 2048),
    "ECDH-ES": ("EC", "P-256"),
    "ECDH-ES+A128KW": ("EC", "P-384"),
    "ECDH-ES+A256KW": ("OKP", "X25519"),
    "A128KW": ("oct", 128),
    "A192KW": ("oct", 192),
    "A256KW": ("oct", 256),
    "A128GCMKW": ("oct", 128),
    "A256GCMKW": ("oct", 256),
}
ENCRYPTIONS = ["A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"]


@pytest.mark.parametrize("algorithm", KINDS)
def test_a_signature_in_every_form(algorithm):
    key, jws = key_for(algorithm), JsonWebSignature()
    compact = jws.serialize_compact({"alg": algorithm, "cty": "text"}, "hello", key)
    for form in (compact, compact.decode()):
        message = jws.deserialize(form, key)
        assert (message.payload, message.header, message.type) == (b"hello", {"alg": algorithm, "cty": "text"}, "compact")
        assert message["payload"] == b"hello" and message.header.protected["cty"] == "text"
    flat = jws.serialize({"protected": {"alg": algorithm}, "header": {"note": "x"}}, b"hello", key)
    message = jws.deserialize(json.dumps(flat), key, decode=bytes.decode)
    assert message.payload == "hello" and message.header == {"alg": algorithm, "note": "x"}
    assert message.header.header == {"note": "x"} and message.type == "flat"
    several = jws.serialize([{"protected": {"alg": algorithm}, "header": {"n": n}} for n in (1, 2)], b"hello", key)
    message = jws.deserialize(several, key)
    assert [header["n"] for header in message.headers] == [1, 2] and message.type == "json"
    several["signatures"][1]["signature"] = several["signatures"][1]["signature"][:-6] + "AAAAAA"
    with pytest.raises(errors.JoseError):
        jws.deserialize(several, key)


@pytest.mark.parametrize("algorithm", [name for name in KINDS if name != "ES256K"])
def test_signatures_both_ways_with_authlib(algorithm):
    key, jws = key_for(algorithm), JsonWebSignature()
    their_key = theirs.JsonWebKey.import_key(key.as_dict(is_private=True))
    their_jws = theirs.JsonWebSignature()
    for header in ({"alg": algorithm}, {"alg": algorithm, "kid": "other", "typ": "x", "list": [1, {"a": None}]}):
        ours = jws.serialize_compact(header, b"hello", key)
        read = their_jws.deserialize_compact(ours, their_key)
        assert (read.payload, dict(read.header)) == (b"hello", header)
        read = jws.deserialize_compact(their_jws.serialize_compact(header, b"hello", their_key), key)
        assert (read.payload, dict(read.header)) == (b"hello", header)
    flat = {"protected": {"alg": algorithm}, "header": {"kid": "x"}}
    assert their_jws.deserialize_json(jws.serialize_json(flat, b"hello", key), their_key).payload == b"hello"
    assert jws.deserialize_json(their_jws.serialize_json(flat, b"hello", their_key), key).payload == b"hello"
    assert jws.deserialize_json(their_jws.serialize_json([flat], b"hello", their_key), key).headers[0]["kid"] == "x"


def has_short_coordinate(message: bytes) -> bool:
    """Authlib leaves out zeros that a coordinate begins with, which RFC 7518 6.2.1 forbids."""
    epk = json.loads(base64.urlsafe_b64decode(message.split(b".")[0] + b"==")).get("epk", {})
    full = {"P-256": 43, "P-384": 64}.get(epk.get("crv"), 0)
    return any(len(epk.get(name, "")) < full for name in "xy")


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("management", MANAGEMENTS)
def test_encryption_both_ways_with_authlib(management, encryption):
    key = JsonWebKey.generate_key(*MANAGEMENTS[management], is_private=True)
    their_key = theirs.JsonWebKey.import_key(key.as_dict(is_private=True))
    jwe, their_jwe = JsonWebEncryption(), theirs.JsonWebEncryption()
    for header in ({"alg": management, "enc": encryption}, {"alg": management, "enc": encryption, "zip": "DEF", "typ": "x"}):
        message = jwe.serialize_compact(header, b"hello", key)
        assert their_jwe.deserialize_compact(message, their_key)["payload"] == b"hello"
        theirs_made = their_jwe.serialize_compact(header, b"hello", their_key)
        while has_short_coordinate(theirs_made):
            theirs_made = their_jwe.serialize_compact(header, b"hello", their_key)
        opened = jwe.deserialize_compact(theirs_made, key)
        assert opened["payload"] == b"hello" and opened["header"]["enc"] == encryption


def test_a_message_to_several():
    jwe = JsonWebEncryption()
    ada = JsonWebKey.generate_key("OKP", "X25519", {"kid": "ada"}, is_private=True)
    bob = JsonWebKey.generate_key("RSA", 2048, {"kid": "bob"}, is_private=True)
    header = {
        "protected": {"enc": "A256GCM"},
        "unprotected": {"jku": "https://example"},
        "recipients": [
            {"header": {"alg": "ECDH-ES+A256KW", "kid": "ada"}},
            {"header": {"alg": "RSA-OAEP", "kid": "bob"}},
        ],
        "aad": b"seen by all",
    }
    message = jwe.serialize(header, "hello", [ada.as_pem(), bob.as_pem()])
    for key in (ada, bob, KeySet([bob])):
        opened = jwe.deserialize(json.dumps(message), key, decode=bytes.decode)
        assert opened["payload"] == "hello" and opened["aad"] == b"seen by all"
        assert opened["header"]["jku"] == "https://example"
    with pytest.raises(errors.JoseError):
        jwe.deserialize(message, OctKey.generate_key(256))


def test_the_sender_is_proven_by_ecdh_1pu():
    ada, bob, eve = (JsonWebKey.generate_key("OKP", "X25519", is_private=True) for _ in range(3))
    jwe = JsonWebEncryption()
    header = {"alg": "ECDH-1PU", "enc": "A256GCM", "apu": "QWxpY2U", "apv": "Qm9i"}
    message = jwe.serialize_compact(header, b"hello", bob, sender_key=ada)
    assert jwe.deserialize_compact(message, bob, sender_key=ada.as_pem())["payload"] == b"hello"
    with pytest.raises(errors.JoseError):
        jwe.deserialize_compact(message, bob, sender_key=eve)


def test_passwords():
    jwe = JsonWebEncryption()
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 4096}
    message = jwe.serialize_compact(header, b"hello", "correct horse battery")
    opened = jwe.deserialize_compact(message, "correct horse battery")
    assert opened["payload"] == b"hello" and opened["header"]["p2c"] == 4096
    with pytest.raises(ValueError, match="decrypted"):
        jwe.deserialize_compact(message, "another password")


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({"alg": "RSA-OAEP"}, errors.MissingEncryptionAlgorithmError),
        ({"alg": "RSA-OAEP", "enc": "x"}, errors.UnsupportedEncryptionAlgorithmError),
        ({"alg": "x", "enc": "A256GCM"}, errors.UnsupportedAlgorithmError),
        ({"enc": "A256GCM"}, errors.MissingAlgorithmError),
        ({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "GZ"}, errors.UnsupportedCompressionAlgorithmError),
        ({"alg": "A256KW", "enc": "A256GCM"}, errors.KeyMismatchError),
    ],
)
def test_an_error_says_what_is_wrong_with_a_header(header, error):
    with pytest.raises(error):
        JsonWebEncryption().serialize_compact(header, b"x", key_for("RS256"))


def test_headers_have_the_names_that_are_allowed():
    with pytest.raises(errors.InvalidHeaderParameterNameError):
        JsonWebSignature(private_headers=["mine"]).serialize_compact({"alg": "HS256", "other": 1}, b"", SECRET)
    jws = JsonWebSignature(private_headers=["mine"])
    token = jws.serialize_compact({"alg": "HS256", "mine": 1, "crit": ["mine"]}, b"x", SECRET)
    assert jws.deserialize_compact(token, SECRET).header["mine"] == 1
    with pytest.raises(errors.InvalidCritHeaderParameterNameError):
        JsonWebSignature().deserialize_compact(token, SECRET)


def test_what_is_to_be_protected_is_protected():
    key, jws = key_for("ES256"), JsonWebSignature()
    with pytest.raises(errors.MissingAlgorithmError):
        jws.serialize_json({"protected": {"typ": "x"}, "header": {"alg": "ES256"}}, b"hello", key)
    message = jws.serialize_json({"header": {"alg": "ES256", "kid": "a"}}, b"hello", key)
    assert "protected" not in message and jws.deserialize_json(message, key).header.header["alg"] == "ES256"
    with pytest.raises(errors.JoseError):
        jws.deserialize_json({**message, "header": {**message["header"], "crit": ["exp"], "exp": 1}}, key)


def test_threads_share_keys_and_policies():
    from concurrent.futures import ThreadPoolExecutor

    key, jws = key_for("ES256"), JsonWebSignature()

    def work(number: int) -> bool:
        payload = str(number).encode()
        return jws.deserialize_compact(jws.serialize_compact({"alg": "ES256"}, payload, key), key).payload == payload

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(2000)))
