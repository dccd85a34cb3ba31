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
        assert opened["payload"] == "hello" and opened["header"]["aad"] == b"seen by all"
        assert opened["header"]["protected"] == {"enc": "A256GCM"} and opened["header"]["unprotected"] == header["unprotected"]
        assert [one["header"]["kid"] for one in opened["header"]["recipients"]] == ["ada", "bob"]
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


def test_a_sender_is_named_where_it_is_proven_and_nowhere_else():
    ada, bob = (JsonWebKey.generate_key("OKP", "X25519", is_private=True) for _ in range(2))
    jwe = JsonWebEncryption()
    plain, proven = {"alg": "ECDH-ES", "enc": "A256GCM"}, {"alg": "ECDH-1PU", "enc": "A256GCM"}
    for serialize in (
        jwe.serialize_compact,
        lambda header, *rest, **more: jwe.serialize_json({"protected": header}, *rest, **more),
    ):
        with pytest.raises(ValueError, match="does not prove who the sender is"):
            serialize(plain, b"hello", bob, sender_key=ada)
        with pytest.raises(ValueError, match="name its key"):
            serialize(proven, b"hello", bob)
        message = serialize(plain, b"hello", bob)
        with pytest.raises(ValueError, match="does not prove who the sender is"):
            jwe.deserialize(message, bob, sender_key=ada)
        with pytest.raises(ValueError):
            jwe.deserialize(serialize(proven, b"hello", bob, sender_key=ada), bob)


@pytest.mark.parametrize(
    ("management", "encryption"),
    [("ECDH-ES+A256KW", "A256GCM"), ("ECDH-1PU+A128KW", "A256CBC-HS512"), ("RSA-OAEP", "A128GCM"), ("A128GCMKW", "A128GCM")],
)
@pytest.mark.parametrize("several", [False, True])
def test_messages_of_the_json_form_both_ways_with_authlib(management, encryption, several):
    from authlib.jose.drafts import register_jwe_draft

    register_jwe_draft(theirs.JsonWebEncryption)
    kind = {"ECDH": ("OKP", "X25519"), "RSA-": ("RSA", 2048), "A128": ("oct", 128)}[management[:4]]
    keys = [JsonWebKey.generate_key(*kind, {"kid": kid}, is_private=True) for kid in ("ada", "bob")[: 2 if several else 1]]
    sender = JsonWebKey.generate_key("OKP", "X25519", is_private=True) if "1PU" in management else None
    their_keys = [theirs.JsonWebKey.import_key(key.as_dict(is_private=True)) for key in keys]
    their_sender = theirs.JsonWebKey.import_key(sender.as_dict(is_private=True)) if sender else None
    header = {
        "protected": {"alg": management, "enc": encryption, "note": "x"},
        "unprotected": {"jku": "https://example"},
        "recipients": [{"header": {"kid": key.kid}} for key in keys],
        "aad": b"seen by all",
    }
    jwe, their_jwe = JsonWebEncryption(), theirs.JsonWebEncryption()
    ours = jwe.serialize_json(header, b"hello", keys, sender)
    made = their_jwe.serialize_json(header, b"hello", list(their_keys), their_sender)
    for key, their_key in zip(keys, their_keys, strict=True):
        read = their_jwe.deserialize_json(ours, their_key, sender_key=their_sender)
        assert read["payload"] == b"hello"
        assert jwe.deserialize_json(ours, key, sender_key=sender) == read
        assert jwe.deserialize_json(made, key, sender_key=sender) == their_jwe.deserialize_json(
            made, their_key, sender_key=their_sender
        )
        assert read["header"]["protected"].items() >= header["protected"].items()


def test_a_recipient_is_named_beside_its_key():
    ada, bob = (JsonWebKey.generate_key("OKP", "X25519", {"kid": kid}, is_private=True) for kid in ("ada", "bob"))
    jwe = JsonWebEncryption()
    header = {"protected": {"alg": "ECDH-ES+A128KW", "enc": "A128GCM"}}
    named = {**header, "recipients": [{"header": {"kid": "https://ada"}}, {"header": {"kid": "https://bob"}}]}
    message = jwe.serialize_json(named, b"hello", [ada, bob])
    assert jwe.deserialize_json(message, ("https://bob", bob))["payload"] == b"hello"
    assert jwe.deserialize_json(message, ("nobody", ada))["payload"] == b"hello"
    with pytest.raises(ValueError):
        jwe.deserialize_json(message, ("https://ada", JsonWebKey.generate_key("OKP", "X25519", is_private=True)))
    assert len(jwe.serialize_json(header, b"hello", [ada, bob])["recipients"]) == 2
    compact = jwe.serialize_compact({"alg": "ECDH-ES", "enc": "A128GCM"}, b"hello", ada)
    assert jwe.deserialize_compact(compact, ("any", ada))["payload"] == b"hello"


def test_one_key_for_each_recipient():
    jwe, key = JsonWebEncryption(), JsonWebKey.generate_key("OKP", "X25519", is_private=True)
    header = {"protected": {"alg": "ECDH-ES+A128KW", "enc": "A128GCM"}}
    for keys, recipients in (([], None), ([key], [{}, {}])):
        with pytest.raises(ValueError, match="give one for each"):
            jwe.serialize_json({**header, "recipients": recipients}, b"hello", keys)
    with pytest.raises(errors.InvalidAlgorithmForMultipleRecipientsMode):
        jwe.serialize_json({"protected": {"alg": "ECDH-ES", "enc": "A128GCM"}}, b"hello", [key, key])
    with pytest.raises(errors.MissingEncryptionAlgorithmError, match="protected header"):
        jwe.serialize_json({"protected": {"alg": "A128KW"}, "unprotected": {"enc": "A128GCM"}}, b"hello", key)
    message = jwe.serialize_json(header, b"hello", key)
    with pytest.raises(ValueError, match="16 are the most"):
        jwe.deserialize_json({**message, "recipients": message["recipients"] * 17}, key)


def test_an_encrypted_message_is_compressed_where_that_is_named():
    key = OctKey.generate_key(128)
    header = {"alg": "A128KW", "enc": "A128GCM", "zip": "DEF"}
    named, silent = JsonWebEncryption(["A128KW", "A128GCM", "DEF"]), JsonWebEncryption(["A128KW", "A128GCM"])
    for message in (named.serialize_compact(header, b"hello", key), named.serialize_json({"protected": header}, b"hello", key)):
        assert named.deserialize(message, key)["payload"] == b"hello"
        with pytest.raises(errors.UnsupportedCompressionAlgorithmError, match="name DEF"):
            silent.deserialize(message, key)
    with pytest.raises(errors.UnsupportedCompressionAlgorithmError):
        silent.serialize_compact(header, b"hello", key)


def test_headers_of_encrypted_messages_have_the_names_that_are_allowed():
    jwe, strict = JsonWebEncryption(), JsonWebEncryption(private_headers=["mine"])
    key = JsonWebKey.generate_key("OKP", "X25519", is_private=True)
    header = {"alg": "ECDH-ES+A128KW", "enc": "A128GCM", "mine": 1}
    for form in (
        {**header, "other": 1},
        {"protected": {**header, "other": 1}},
        {"protected": header, "unprotected": {"other": 1}},
        {"protected": header, "recipients": [{"header": {"other": 1}}]},
    ):
        with pytest.raises(errors.InvalidHeaderParameterNameError, match="other"):
            strict.serialize(form, b"hello", key)
        with pytest.raises(errors.InvalidHeaderParameterNameError, match="other"):
            strict.deserialize(jwe.serialize(form, b"hello", key), key)
    for form in (header, {"protected": header}):
        assert strict.deserialize(jwe.serialize(form, b"hello", key), key)["payload"] == b"hello"


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
        ({}, errors.MissingAlgorithmError),
        ({"alg": "x"}, errors.UnsupportedAlgorithmError),
        ({"alg": "ECDH-1PU+A128KW", "enc": "A256GCM"}, errors.InvalidEncryptionAlgorithmForECDH1PUWithKeyWrappingError),
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


def test_what_is_wrong_with_a_message_comes_before_its_algorithm_and_its_key():
    jws = JsonWebSignature()
    for key in (SECRET, "short", None, ""):
        # The header of the last two is {"alg":"s"}, of the others it is no object or says nothing.
        for token in ("a", "YQ.YQ.YQ", "W10.YQ.YQ", "e30.a.YQ", "eyJhbGciOiJzIn0.a.YQ", "eyJhbGciOiJzIn0.YQ.a"):
            with pytest.raises(errors.DecodeError):
                jws.deserialize(token, key)
        with pytest.raises(errors.MissingAlgorithmError):
            jws.deserialize("e30.YQ.YQ", key)
        with pytest.raises(errors.UnsupportedAlgorithmError):
            jws.deserialize("eyJhbGciOiJzIn0.YQ.YQ", key)
        for message in (None, "[]", "{}", '{"payload":"YQ"}', '{"payload":"YQ","protected":"YQ"}'):
            with pytest.raises(errors.DecodeError):
                jws.deserialize_json(message, key)
        for header, error in (({}, errors.MissingAlgorithmError), ({"alg": "none"}, errors.UnsupportedAlgorithmError)):
            with pytest.raises(error):
                jws.serialize(header, b"", key or SECRET)
    for header in ({"alg": "A128KW", "enc": "A256GCM"}, {"alg": "A128KW", "enc": "A128GCM"}):
        message = JsonWebEncryption().serialize_compact(header, b"", OctKey.generate_key(128))
        with pytest.raises(errors.UnsupportedEncryptionAlgorithmError):
            JsonWebEncryption(["A128KW", "A192GCM"]).deserialize_compact(message, OctKey.generate_key(128))


def test_each_signature_has_a_key_of_its_own():
    keys = {kid: OctKey.generate_key(256, {"kid": kid}) for kid in ("ada", "bob")}
    asked = []

    def find(header, payload):
        asked.append((header["kid"], payload))
        return keys[header["kid"]]

    jws = JsonWebSignature()
    header = [{"protected": {"alg": "HS256"}, "header": {"kid": kid}} for kid in keys]
    message = jws.serialize(header, b"hello", find)
    asked.clear()
    for form in (message, json.dumps(message)):
        read = jws.deserialize(form, find)
        assert read.payload == b"hello" and [one["kid"] for one in read.headers] == ["ada", "bob"]
    assert asked == [("ada", b"hello"), ("bob", b"hello")] * 2
    message["signatures"][1]["header"]["kid"] = "ada"
    with pytest.raises(errors.BadSignatureError):
        jws.deserialize(message, find)
    with pytest.raises(errors.BadSignatureError):
        jws.deserialize({**message, "signatures": []}, find)
    message["signatures"][1]["header"] = {"kid": "bob", "crit": ["exp"]}
    with pytest.raises(errors.InvalidHeaderParameterNameError):
        jws.deserialize(message, find)
    asked.clear()
    with pytest.raises(errors.DecodeError):
        jws.deserialize({**message, "signatures": message["signatures"] * 200}, find)
    assert not asked


def test_all_signatures_are_for_one_payload():
    jws = JsonWebSignature()
    one = jws.serialize([{"protected": {"alg": "HS256"}}], b"one", SECRET)
    other = jws.serialize({"protected": {"alg": "HS256"}}, b"other", SECRET)
    mixed = {**one, "signatures": [*one["signatures"], other]}
    for key in (SECRET, lambda header, payload: SECRET):
        with pytest.raises(errors.BadSignatureError):
            jws.deserialize(mixed, key)


@pytest.mark.parametrize("encoded", [True, False])
def test_a_payload_may_travel_apart(encoded):
    header = {"alg": "HS256"} if encoded else {"alg": "HS256", "b64": False, "crit": ["b64"]}
    jws, keys = JsonWebSignature(), (SECRET, lambda header, payload: SECRET if payload == b"$.02" else None)
    compact = jws.serialize_compact(header, b"$.02", SECRET, detached=True)
    assert b".." in compact
    for form in ({"protected": header}, [{"protected": header}]):
        detached = jws.serialize_json(form, b"$.02", SECRET, detached=True)
        assert "payload" not in detached
        for key in keys:
            assert jws.deserialize_compact(compact, key, payload=b"$.02").payload == b"$.02"
            assert jws.deserialize_json(detached, key, payload=b"$.02").payload == b"$.02"
            with pytest.raises(errors.JoseError):
                jws.deserialize_json(detached, key)
        with pytest.raises(errors.BadSignatureError):
            jws.deserialize_json(detached, SECRET, payload=b"$.03")
    whole = jws.serialize_json({"protected": header}, b"$.02", SECRET)
    for key in keys:
        assert JsonWebSignature(private_headers=["b64"]).deserialize_json(whole, key).payload == b"$.02"
    if not encoded:
        with pytest.raises(errors.InvalidCritHeaderParameterNameError):
            jws.deserialize_json(whole, SECRET)


def test_an_extension_is_critical_where_it_is_named_and_protected():
    jws = JsonWebSignature()
    for header, problem in (
        ({"alg": "HS256", "mine": 1, "crit": ["mine"]}, "private_headers="),
        ({"alg": "HS256", "kid": "1", "crit": ["kid"]}, "which is no extension"),
        ({"alg": "HS256", "crit": ["kid"]}, "kid"),
        ({"protected": {"alg": "HS256"}, "header": {"crit": ["mine"], "mine": 1}}, "protected"),
    ):
        with pytest.raises(errors.InvalidHeaderParameterNameError, match=problem):
            jws.serialize(header, b"hello", SECRET)
    assert jws.deserialize(jws.serialize({"protected": {"alg": "HS256"}}, {"a": 1}, SECRET), SECRET).payload == b'{"a":1}'


def test_what_a_message_does_not_protect_is_told_apart():
    jws = JsonWebSignature()
    assert jws.deserialize(jws.serialize({"alg": "HS256"}, b"hello", SECRET), SECRET).header.header is None
    assert jws.deserialize(jws.serialize({"protected": {"alg": "HS256"}}, b"hello", SECRET), SECRET).header.header is None


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
