"""Keys and sets of keys, in and out of every form."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from authmint.common.encoding import base64_to_int, int_to_base64
from authmint.jose import (
    ECKey,
    JsonWebEncryption,
    JsonWebKey,
    JsonWebSignature,
    Key,
    KeySet,
    OctKey,
    OKPKey,
    RSAKey,
    errors,
    jwt,
)
from conftest import SECRET, key_for

MADE = [
    ("RSA", 2048, RSAKey),
    ("EC", "P-256", ECKey),
    ("EC", "P-384", ECKey),
    ("EC", "P-521", ECKey),
    ("EC", "secp256k1", ECKey),
    ("OKP", "Ed25519", OKPKey),
    ("OKP", "Ed448", OKPKey),
    ("OKP", "X25519", OKPKey),
    ("OKP", "X448", OKPKey),
]


@pytest.mark.parametrize(("kty", "of", "kind"), MADE)
def test_a_key_is_read_back_from_every_form(kty, of, kind):
    key = JsonWebKey.generate_key(kty, of, is_private=True)
    assert type(key) is kind and key.kty == kty and key.is_private and not key.public_only
    forms = [
        key.as_pem(is_private=True),
        key.as_pem(is_private=True).decode(),
        key.as_der(is_private=True),
        key.as_dict(is_private=True),
        key.as_json(is_private=True),
        key.get_private_key(),
        key,
    ]
    for form in forms:
        again = JsonWebKey.import_key(form)
        assert type(again) is kind and again.is_private
        assert again.thumbprint() == key.thumbprint()
        assert kind.import_key(form).thumbprint() == key.thumbprint()
    public = [key.as_pem(), key.as_der(), key.as_dict(), key.as_json(), key.get_public_key(), key.public_key]
    if of in ("Ed25519", 2048, "P-256", "P-384", "P-521"):
        public.append(key.as_openssh("ada@example"))
    for form in public:
        again = JsonWebKey.import_key(form)
        assert again.public_only and again.thumbprint() == key.thumbprint()
        with pytest.raises(ValueError, match="public key"):
            again.as_dict(is_private=True)
        assert again.get_private_key() is None


def test_a_coordinate_may_have_lost_its_zeros():
    def shortened(key):
        members = key.as_dict(is_private=True)
        raw = {name: base64.urlsafe_b64decode(members[name] + "==") for name in "xyd"}
        short = {name: base64.urlsafe_b64encode(value.lstrip(b"\0")).rstrip(b"=").decode() for name, value in raw.items()}
        return {**members, **short} if any(value[0] == 0 for value in raw.values()) else None

    found = None
    while found is None:
        key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
        found = shortened(key)
    for form in (found, json.dumps(found), {"keys": [found]}):
        token = jwt.encode({"alg": "ES256"}, {"a": 1}, key)
        assert jwt.decode(token, form) == {"a": 1}
    assert JsonWebKey.import_key(found).as_dict(is_private=True) == key.as_dict(is_private=True)


def test_an_encrypted_pem_needs_its_password():
    key = key_for("ES256")
    pem = key.as_pem(is_private=True, password="correct horse")
    assert b"ENCRYPTED" in pem
    assert JsonWebKey.import_key(pem, {"password": "correct horse"}).thumbprint() == key.thumbprint()
    for options in (None, {"password": "wrong"}, {"password": b""}):
        with pytest.raises(errors.JoseError):
            JsonWebKey.import_key(pem, options)


@pytest.mark.parametrize(
    "made",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=lambda made: type(made).__name__,
)
def test_objects_of_cryptography_are_keys(made):
    key = JsonWebKey.import_key(made)
    assert key.is_private
    assert JsonWebKey.import_key(made.public_key()).thumbprint() == key.thumbprint()


def test_objects_of_other_libraries_are_keys():
    from joserfc.jwk import ECKey as TheirKey
    from joserfc.jwk import OctKey as TheirSecret

    theirs = TheirKey.generate_key("P-256")
    assert JsonWebKey.import_key(theirs).thumbprint() == theirs.thumbprint()
    assert jwt.decode(jwt.encode({"alg": "ES256"}, {"a": 1}, theirs), theirs) == {"a": 1}
    secret = TheirSecret.import_key(SECRET)
    assert jwt.decode(jwt.encode({"alg": "HS256"}, {"a": 1}, secret), SECRET) == {"a": 1}


def test_options_name_a_key_and_its_purpose():
    key = JsonWebKey.generate_key("EC", "P-256", {"kid": "a", "use": "sig", "alg": "ES256"}, is_private=True)
    assert key.kid == "a" and key["use"] == "sig"
    assert jwt.decode(jwt.encode({"alg": "ES256"}, {}, key), key).header["kid"] == "a"
    members = key.as_dict(note="x")
    assert members["kid"] == "a" and members["note"] == "x" and "d" not in members
    again = JsonWebKey.import_key({**members, "x5t": "abc", "own": [1]})
    assert again.as_dict()["x5t"] == "abc" and again.as_dict()["own"] == [1]
    assert JsonWebKey.import_key(key.as_pem(), {"kty": "EC", "kid": "b"}).kid == "b"
    with pytest.raises(errors.InvalidKeyError, match="not RSA"):
        JsonWebKey.import_key(key.as_pem(), {"kty": "RSA"})
    with pytest.raises(errors.InvalidUseError):
        key.check_key_op("encrypt")
    with pytest.raises(ValueError, match="public key"):
        again.check_key_op("sign")
    assert {**key} == key.tokens and set(key.keys()) == set(dict(key.items()))


def test_a_key_without_a_name_is_called_by_its_thumbprint():
    # RFC 7638 3.1.
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1"
        "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    key = JsonWebKey.import_key({"kty": "RSA", "n": n, "e": "AQAB"})
    assert key.as_dict()["kid"] == key.thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert key.thumbprint_uri() == f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{key.thumbprint()}"


def test_a_secret_shows_itself_only_when_asked():
    key = OctKey.import_key(SECRET)
    assert "k" not in key.as_dict() and "k" in key.as_dict(is_private=True)
    assert JsonWebKey.import_key(key.as_dict(is_private=True)).thumbprint() == key.thumbprint()
    assert len(OctKey.generate_key(256)["k"]) == 43
    for size in (0, 7, 12, 100_000):
        with pytest.raises(ValueError, match="bytes"):
            OctKey.generate_key(size)


def test_a_set_is_searched_by_name():
    keys = KeySet([JsonWebKey.generate_key("EC", "P-256", {"kid": kid, "use": "sig"}, True) for kid in "ab"])
    assert keys.find_by_kid("b") is keys.keys[1]
    assert keys.find_by_kid(None) is keys.keys[0]
    assert keys.find_by_kid("a", use="sig", kty="EC").kid == "a"
    with pytest.raises(ValueError, match="not found"):
        keys.find_by_kid("c")
    with pytest.raises(ValueError, match="not found"):
        keys.find_by_kid("a", use="enc")
    assert json.loads(keys.as_json()) == keys.as_dict() and '"d"' not in keys.as_json()
    assert len(JsonWebKey.import_key_set(keys.as_json(is_private=True))) == len(list(keys)) == 2


def test_keys_of_an_unknown_type_are_left_out_of_a_set():
    jwks = {"keys": [{"kty": "FUTURE", "x": 1}, key_for("ES256").as_dict()]}
    assert [key.kty for key in JsonWebKey.import_key_set(jwks)] == ["EC"]
    for broken in ("{", "[1]", {"keys": 1}, {"nothing": []}, {"keys": [1]}, 7):
        with pytest.raises((errors.JoseError, TypeError)):
            JsonWebKey.import_key_set(broken)


def test_a_private_rsa_key_may_lack_its_factors():
    whole = key_for("RS256").as_dict(is_private=True)
    short = {name: whole[name] for name in ("kty", "n", "e", "d")}
    for form in (short, json.dumps(short)):
        found = JsonWebKey.import_key(form).as_dict(is_private=True)
        assert {found["p"], found["q"]} == {whole["p"], whole["q"]}
        assert jwt.decode(jwt.encode({"alg": "RS256"}, {"a": 1}, form), whole) == {"a": 1}
    prime, e = (base64_to_int(whole[name]) for name in ("p", "e"))
    square = {"n": int_to_base64(prime**2), "d": int_to_base64(pow(e, -1, prime * (prime - 1)))}
    for broken in ({"p": whole["p"]}, {"d": "AQAB"}, {"n": "AQ"}, {"n": "AA"}, {"d": ""}, {"d": "AA"}, square):
        with pytest.raises(errors.InvalidKeyError):
            RSAKey.import_key({**short, **broken})


def test_a_class_says_the_type_of_a_key_that_does_not():
    for algorithm in ("RS256", "ES256", "EdDSA", "HS256"):
        key = key_for(algorithm)
        members = key.as_dict(is_private=True)
        del members["kty"]
        assert type(key).import_key(members).thumbprint() == key.thumbprint()
        assert members.keys() >= set(type(key).REQUIRED_JSON_FIELDS)
        with pytest.raises(ValueError, match="kty"):
            JsonWebKey.import_key(members)


def test_a_broken_key_of_a_new_type_is_left_out_of_a_set():
    unknown = {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "kid": "new"}
    assert [key.kid for key in JsonWebKey.import_key_set([unknown, {**key_for("ES256").as_dict(), "kid": "old"}])] == ["old"]


def test_keys_agree_on_a_secret():
    for kind in (("EC", "P-256"), ("EC", "P-521"), ("OKP", "X25519")):
        ada, bob = (JsonWebKey.generate_key(*kind, is_private=True) for _ in range(2))
        shared = ada.exchange_shared_key(bob.get_public_key())
        assert shared == bob.exchange_shared_key(ada.as_key()) and len(shared) >= 32
        with pytest.raises(ValueError, match="Invalid key"):
            JsonWebKey.import_key(ada.as_dict()).exchange_shared_key(bob.as_key())
        assert ada.as_key(is_private=True) is not None
    assert key_for("ES512").curve_key_size == 521
    with pytest.raises(ValueError, match="X25519"):
        key_for("EdDSA").exchange_shared_key(key_for("EdDSA").as_key())


@pytest.mark.parametrize("empty", ["", b"", {"kty": "oct", "k": ""}])
def test_an_empty_secret_is_none(empty):
    with pytest.raises(ValueError, match="empty"):
        OctKey.import_key(empty)
    with pytest.raises(ValueError):
        jwt.encode({"alg": "HS256"}, {}, empty)


@pytest.mark.parametrize(
    "broken",
    ["-----BEGIN PUBLIC KEY-----\nAAAA", '{"kty":"EC"', "ssh-rsa AAAA", {"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}],
)
def test_a_token_is_not_read_with_what_is_no_key(broken):
    with pytest.raises(errors.InvalidKeyError):
        jwt.decode(jwt.encode({"alg": "HS256"}, {}, SECRET), broken)


def test_a_secret_itself_is_given_for_what_it_is_for():
    key = OctKey.import_key(SECRET, {"use": "sig"})
    assert key.get_op_key("sign") == key.raw_key == SECRET.encode()
    with pytest.raises(errors.InvalidUseError):
        key.get_op_key("encrypt")


def test_a_key_that_is_for_something_else_says_so(claims):
    jws, jwe = JsonWebSignature(), JsonWebEncryption()
    for form in (lambda key: key, lambda key: key.as_dict(is_private=True)):
        seals = form(JsonWebKey.generate_key("RSA", 2048, {"use": "enc"}, is_private=True))
        signs = form(JsonWebKey.generate_key("RSA", 2048, {"use": "sig"}, is_private=True))
        token = jwt.encode({"alg": "RS256"}, claims, signs)
        message = jwe.serialize_compact({"alg": "RSA-OAEP", "enc": "A128GCM"}, b"x", seals)
        for refused in (
            lambda seals=seals: jwt.encode({"alg": "RS256"}, claims, seals),
            lambda seals=seals, token=token: jwt.decode(token, seals),
            lambda seals=seals: jws.serialize({"alg": "RS256"}, b"x", seals),
            lambda seals=seals, token=token: jws.deserialize(token, seals),
            lambda signs=signs: jwe.serialize({"alg": "RSA-OAEP", "enc": "A128GCM"}, b"x", signs),
            lambda signs=signs, message=message: jwe.deserialize(message, signs),
        ):
            with pytest.raises(errors.InvalidUseError):
                refused()
    with pytest.raises(ValueError):
        jws.serialize({"alg": "ES256"}, b"x", key_for("ES512"))


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"kty": "zzz"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        "gibberish",
        b"\x30\x00",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "ssh-rsa AAAA",
        None,
        7,
    ],
)
def test_what_is_no_key_is_refused(raw):
    with pytest.raises(errors.InvalidKeyError):
        Key.import_key(raw)


@pytest.mark.parametrize(("kty", "of"), [("EC", "P-9"), ("OKP", "P-256"), ("RSA", 1000), ("ZZ", 1)])
def test_what_can_not_be_made_is_refused(kty, of):
    with pytest.raises(ValueError):
        JsonWebKey.generate_key(kty, of, is_private=True)
