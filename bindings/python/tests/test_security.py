"""Rows of the threat table, by their numbers, as they reach Python."""

from __future__ import annotations

import base64
import io
import json
import logging
import time

import pytest

from authmint.jose import (
    JsonWebEncryption,
    JsonWebKey,
    JsonWebSignature,
    JsonWebToken,
    JWTClaims,
    Key,
    KeySet,
    OctKey,
    Policy,
    errors,
    jwt,
    sign,
    verify,
)
from authmint.jose.errors import JoseError
from conftest import KINDS, SECRET, key_for


def b64(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header, payload=None, signature="AAAA"):
    return f"{b64(header)}.{b64(payload if payload is not None else {'sub': 'eve'})}.{signature}"


ALL_KEYS = [key_for(algorithm) for algorithm in ("HS256", "RS256", "ES256", "EdDSA")]


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", None, "", 0, [], {}])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_s01_there_is_no_none(alg, signature):
    token = forged({"alg": alg} if alg is not None else {}, signature=signature)
    for key in ALL_KEYS:
        for made in (jwt, JsonWebToken(["none", "HS256"]), JsonWebToken()):
            with pytest.raises(JoseError):
                made.decode(token, key)
        with pytest.raises(JoseError):
            JsonWebSignature(["none"]).deserialize_compact(token, key)
    with pytest.raises((JoseError, TypeError)):
        jwt.encode({"alg": alg}, {}, SECRET)


def test_s02_a_public_key_is_no_secret():
    import hashlib
    import hmac

    for key in (key_for("RS256"), key_for("ES256"), key_for("EdDSA")):
        forms = [key.as_pem(), key.as_der(), key.as_json().encode(), key.as_openssh().encode()]
        for form in forms:
            head = f"{b64({'alg': 'HS256'})}.{b64({'sub': 'eve'})}"
            token = f"{head}.{b64(hmac.new(form, head.encode(), hashlib.sha256).digest())}"
            with pytest.raises(JoseError):
                OctKey.import_key(form)
            for given in (form, form.decode("latin-1"), key):
                with pytest.raises(JoseError):
                    jwt.decode(token, given)


def test_s02_a_public_key_in_disguise_is_no_secret():
    import hashlib
    import hmac

    key = key_for("RS256")
    pem, jwk = key.as_pem().decode(), key.as_json()
    forms = [base64.b64encode(pem.encode()), base64.b64encode(jwk.encode()), key.as_der() + b"\n", b" " + key.as_der()]
    forms += [text.encode(kind) for text in (pem, jwk) for kind in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")]
    forms += [text.encode() for text in (f"[{jwk}]", json.dumps(jwk), f"'{jwk}'", f" \ufeff{jwk}", pem[pem.index("\n") :])]
    for form in forms:
        head = f"{b64({'alg': 'HS256'})}.{b64({'sub': 'eve'})}"
        token = f"{head}.{b64(hmac.new(form, head.encode(), hashlib.sha256).digest())}"
        for given in (form, form.decode("utf-8", "ignore")):
            with pytest.raises(JoseError):
                jwt.decode(token, given)
        with pytest.raises(JoseError):
            OctKey.import_key(form)


def test_s03_a_key_in_the_header_is_no_key():
    eve = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    for header in ({"jwk": eve.as_dict()}, {"jku": "https://eve.example/jwks"}, {"x5u": "https://eve.example"}):
        token = jwt.encode({"alg": "ES256", **header}, {"sub": "eve"}, eve)
        with pytest.raises(errors.BadSignatureError):
            jwt.decode(token, key_for("ES256"))
    for kid in ("../../etc/passwd", "' OR 1=1 --", "x" * 5000):
        token = jwt.encode({"alg": "ES256", "kid": kid}, {}, eve)
        with pytest.raises(JoseError):
            jwt.decode(token, KeySet([key_for("ES256"), key_for("RS256")]))


@pytest.mark.parametrize("crit", [[], ["exp"], ["alg"], ["b64", "b64"], "exp", ["nothing"], [1], None])
def test_s04_critical_extensions_are_understood_or_refused(crit):
    import hashlib
    import hmac

    head = f"{b64({'alg': 'HS256', 'crit': crit, 'exp': 1, 'b64': True})}.{b64({})}"
    token = f"{head}.{b64(hmac.new(SECRET.encode(), head.encode(), hashlib.sha256).digest())}"
    with pytest.raises(JoseError):
        jwt.decode(token, SECRET)
    with pytest.raises(JoseError):
        JsonWebSignature().deserialize_compact(token, SECRET)


@pytest.mark.parametrize(
    "token",
    [
        "." * 1_000_000,
        "a" * 1_000_000,
        forged({"alg": "HS256", "kid": "x" * 100_000}),
        f"{b64(b'[' * 50_000)}.e30.AAAA",
        b64(b'{"a":' * 1000) + ".e30.AAAA",
        b64(b'{"alg":"HS256","alg":"none"}') + ".e30.AAAA",
        "é.é.é",
        "\x00.\x00.\x00",
        "",
    ],
)
def test_s05_huge_and_broken_tokens_are_refused_at_once(token):
    for call in (lambda: jwt.decode(token, SECRET), lambda: jwt.decode(token, lambda h, p: SECRET)):
        with pytest.raises(JoseError) as refused:
            call()
        assert len(str(refused.value)) < 300, "the error does not carry the token"


def test_s05_claims_name_nothing_twice():
    import hashlib
    import hmac

    for payload in (b'{"sub":"a","sub":"b"}', b'{"n":1e400}', b"[]", b"7", b'"x"', b"{", b"\xff\xfe"):
        head = f"{b64({'alg': 'HS256'})}.{b64(payload)}"
        token = f"{head}.{b64(hmac.new(SECRET.encode(), head.encode(), hashlib.sha256).digest())}"
        with pytest.raises(JoseError):
            jwt.decode(token, SECRET)


def test_s05_no_numbers_make_reading_a_key_endless():
    def numbers(**given: int) -> dict[str, str]:
        members = {name: b64(number.to_bytes((number.bit_length() + 7) // 8, "big")) for name, number in given.items()}
        return {"kty": "RSA", **members}

    # Primes, whose factors no search finds, and products that can be halved some thousand times.
    prime = (2**60 + 263) * 2**1990 + 1
    for n, e, d in (
        (2**16 + 1, 17, (2**3900 + 1) // 17),
        (prime, 17, next(k * (prime - 1) + 1 for k in range(1, 18) if (k * (prime - 1) + 1) % 17 == 0) // 17),
        (prime**2, 3, 3),
        (2**2048, 17, (2**3900 + 1) // 17),
        (2**2048 + 1, 1, 1),
    ):
        begun = time.monotonic()
        with pytest.raises(errors.InvalidKeyError):
            JsonWebKey.import_key(numbers(n=n, e=e, d=d))
        assert time.monotonic() - begun < 5


def test_s06_inflation_stops_at_the_bound():
    from joserfc import jwe
    from joserfc.jwk import OctKey as TheirKey

    bomb = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"}, b"\0" * 20_000_000, TheirKey.import_key(SECRET[:32])
    )
    with pytest.raises(JoseError):
        JsonWebEncryption().deserialize_compact(bomb, OctKey.import_key(SECRET[:32]))


@pytest.mark.parametrize("count", [0, 1, 999, 2_000_000, 2**31, -1, "1000"])
def test_s07_iterations_are_bounded(count):
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2s": "AAAAAAAAAAAAAAAA", "p2c": count}
    with pytest.raises(JoseError):
        JsonWebEncryption().deserialize_compact(f"{b64(header)}.AAAA.AAAA.AAAA.AAAA", SECRET)


def test_s08_rsa1_5_is_off_until_it_is_named():
    key = key_for("RS256")
    header = {"alg": "RSA1_5", "enc": "A128CBC-HS256"}
    with pytest.raises(errors.UnsupportedAlgorithmError):
        JsonWebEncryption().serialize_compact(header, b"x", key)
    named = JsonWebEncryption(["RSA1_5", "A128CBC-HS256"])
    message = named.serialize_compact(header, b"x", key).decode().split(".")
    assert named.deserialize_compact(".".join(message), key)["payload"] == b"x"
    broken = set()
    for part in (1, 3, 4):
        changed = list(message)
        changed[part] = ("B" if changed[part][0] == "A" else "A") + changed[part][1:]
        with pytest.raises(errors.DecryptionError) as refused:
            named.deserialize_compact(".".join(changed), key)
        broken.add(str(refused.value))
    assert len(broken) == 1, "one error for all"


def test_s10_signatures_have_one_form():
    key = key_for("ES256")
    token = jwt.encode({"alg": "ES256"}, {}, key).decode()
    head, signature = token.rsplit(".", 1)
    zeros = b64(bytes(64))
    for changed in (signature + "=", signature + " ", " " + signature, signature[:-1], signature + "A", zeros, ""):
        with pytest.raises(JoseError):
            jwt.decode(f"{head}.{changed}", key)


def test_s09_a_point_that_is_not_on_the_curve_is_refused():
    members = key_for("ES256").as_dict()
    for point in ({"y": members["x"]}, {"x": b64(bytes(32)), "y": b64(bytes(32))}, {"y": b64(bytes(31))}):
        for use in (jwt.decode, JsonWebSignature().deserialize_compact):
            with pytest.raises(JoseError):
                use(forged({"alg": "ES256"}), {**members, **point})
        with pytest.raises(JoseError):
            JsonWebEncryption().serialize_compact({"alg": "ECDH-ES", "enc": "A128GCM"}, b"x", {**members, **point})


@pytest.mark.parametrize("secret", ["", "k", "x" * 31])
def test_s11_short_secrets_are_refused(secret):
    with pytest.raises(ValueError, match="too weak|empty|short"):
        jwt.encode({"alg": "HS256"}, {}, secret)
    with pytest.raises(ValueError, match="too weak|empty|short"):
        jwt.decode(forged({"alg": "HS256"}), secret)


def test_s11_rsa_keys_have_2048_bits():
    with pytest.raises(ValueError, match="2048"):
        JsonWebKey.generate_key("RSA", 1024, is_private=True)


def test_s12_encrypted_is_not_signed():
    key = key_for("RS256")
    encrypted = JsonWebEncryption().serialize_compact({"alg": "RSA-OAEP", "enc": "A128GCM"}, b'{"sub":"eve"}', key.as_pem())
    with pytest.raises(JoseError):
        jwt.decode(encrypted, key)
    with pytest.raises(JoseError):
        verify(encrypted, key, Policy(["RS256"], issuer=None, audience=None))


@pytest.mark.parametrize(("algorithm", "alg"), [("RS256", "RSA-OAEP"), ("ES256", "ECDH-ES")])
def test_s12_what_anyone_can_encrypt_is_no_token_until_encryption_is_named(algorithm, alg):
    key = key_for(algorithm)
    encrypted = JsonWebEncryption().serialize_compact(
        {"alg": alg, "enc": "A128GCM"}, b'{"sub":"eve"}', JsonWebKey.import_key(key.as_dict())
    )
    with pytest.raises(errors.UnsupportedAlgorithmError):
        JsonWebToken().decode(encrypted, key)
    assert JsonWebToken([alg, "A128GCM"]).decode(encrypted, key) == {"sub": "eve"}


@pytest.mark.parametrize("value", ["9999999999", True, None, [], {}, -1])
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_s13_a_time_of_the_wrong_type_is_invalid(claim, value):
    token = jwt.encode({"alg": "HS256"}, {claim: value}, SECRET)
    with pytest.raises(errors.InvalidClaimError):
        jwt.decode(token, SECRET).validate()
    with pytest.raises(JoseError):
        verify(token, SECRET, Policy(["HS256"], issuer=None, audience=None))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_s13_what_is_no_time_lets_nothing_pass(number):
    for claims in ({"exp": number}, {"nbf": number}, {"iat": number}):
        with pytest.raises(errors.InvalidClaimError):
            JWTClaims(claims, {}).validate(now=1000)
    for claims in ({"exp": 1}, {"nbf": 2000}, {"iat": 2000}):
        for wrong in ({"now": float("nan")}, {"leeway": number}):
            with pytest.raises(ValueError, match="finite"):
                JWTClaims(claims, {}).validate(**{"now": 1000, **wrong})


class _WithNonce(JWTClaims):
    REGISTERED_CLAIMS = (*JWTClaims.REGISTERED_CLAIMS, "nonce")


@pytest.mark.parametrize("kind", [JWTClaims, _WithNonce])
@pytest.mark.parametrize("claim", ["iss", "exp", "nbf", "iat", "jti", "nonce", "other"])
def test_s14_every_option_is_asked(kind, claim):
    value = 2000 if claim == "exp" else 1
    for option in ({"value": 7}, {"values": [7]}, {"validate": lambda claims, value: False}):
        with pytest.raises(errors.InvalidClaimError):
            kind({claim: value}, {}, {claim: option}).validate(now=1000)
    kind({claim: value}, {}, {claim: {"value": value}}).validate(now=1000)


def test_s14_a_text_of_values_is_one_value():
    for claim in ("iss", "aud"):
        JWTClaims({claim: "api"}, {}, {claim: {"values": "api"}}).validate()
        with pytest.raises(errors.InvalidClaimError):
            JWTClaims({claim: "a"}, {}, {claim: {"values": "api"}}).validate()


@pytest.mark.parametrize("issuer", ["https://login.example/", "https://LOGIN.example", "https://login.exampl", ""])
def test_s14_issuer_and_audience_are_exact(issuer, claims):
    for claim, given in (("iss", issuer), ("aud", "ap"), ("aud", ["apis"]), ("aud", "API")):
        token = jwt.encode({"alg": "HS256"}, {**claims, claim: given}, SECRET)
        option = {"iss": {"value": "https://login.example"}, "aud": {"value": "api"}}
        with pytest.raises(errors.InvalidClaimError):
            jwt.decode(token, SECRET, claims_options=option).validate()
        with pytest.raises(errors.InvalidClaimError):
            verify(token, SECRET, Policy(["HS256"], issuer="https://login.example", audience="api"))


def test_s15_a_token_of_another_kind_is_refused(claims):
    key = key_for("ES256")
    policy = Policy(["ES256"], typ="at+jwt", issuer=None, audience=None)
    for typ in ("JWT", "logout+jwt", "dpop+jwt"):
        with pytest.raises(errors.InvalidTypeError):
            verify(sign(claims, key, alg="ES256", typ=typ), key, policy)


def test_s16_kid_algorithm_and_use_all_fit(claims):
    good = JsonWebKey.generate_key("EC", "P-256", {"kid": "a"}, is_private=True)
    other = JsonWebKey.generate_key("RSA", 2048, {"kid": "a"}, is_private=True)
    token = jwt.encode({"alg": "ES256"}, claims, good)
    assert jwt.decode(token, KeySet([other, good])) == claims
    with pytest.raises(JoseError):
        jwt.decode(token, KeySet([other]))
    for options in ({"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "ES384"}):
        with pytest.raises(JoseError):
            jwt.decode(token, {**good.as_dict(), **options})


def test_s16_a_key_that_was_taken_out_of_a_set_verifies_nothing():
    first, second = (JsonWebKey.generate_key("EC", "P-256", {"kid": kid}, is_private=True) for kid in "ab")
    token, keys = jwt.encode({"alg": "ES256", "kid": "a"}, {}, first), KeySet([first, second])
    assert jwt.decode(token, keys) == {}
    keys.keys.remove(first)
    assert list(keys) == [second]
    with pytest.raises(errors.KeyNotFoundError):
        jwt.decode(token, keys)
    keys.keys.append(first)
    assert jwt.decode(token, keys) == {}
    keys.keys = [second]
    with pytest.raises(errors.KeyNotFoundError):
        jwt.decode(token, keys)


def test_s02_a_secret_is_remembered_by_its_letters():
    class Folded(str):
        def __eq__(self, other):
            return self.lower() == other.lower()

        def __hash__(self):
            return hash(self.lower())

    token = jwt.encode({"alg": "HS256"}, {}, Folded("A" * 64))
    assert jwt.decode(token, "A" * 64) == {}
    with pytest.raises(errors.BadSignatureError):
        jwt.decode(token, Folded("a" * 64))


def test_s17_unencoded_payloads_are_asked_for():
    jws = JsonWebSignature(private_headers=["b64"])
    token = jws.serialize_compact({"alg": "HS256", "b64": False, "crit": ["b64"]}, b"$.02", SECRET)
    assert token.split(b".")[1] == b""
    assert jws.deserialize_compact(token, SECRET, payload=b"$.02").payload == b"$.02"
    for wrong in (b"$.03", b""):
        with pytest.raises(JoseError):
            jws.deserialize_compact(token, SECRET, payload=wrong)
    with pytest.raises(JoseError):
        jwt.decode(token, SECRET)


@pytest.mark.parametrize("is_detached", [False, True])
def test_s17_signatures_are_of_one_payload(is_detached):
    jws = JsonWebSignature(["HS256"], private_headers=["b64"])
    encoded, plain = {"alg": "HS256"}, {"alg": "HS256", "b64": False, "crit": ["b64"]}
    # What one has signed encoded is other text to whom takes it as it is.
    text = b64(b"pay 1 to ada")
    first = jws.serialize_json({"protected": encoded}, b"pay 1 to ada", SECRET)
    second = jws.serialize_json({"protected": plain}, b"pay 1 to ada" if is_detached else text, SECRET)
    parts = [{name: one[name] for name in ("protected", "signature")} for one in (first, second)]
    with pytest.raises(JoseError):
        jws.serialize_json([{"protected": encoded}, {"protected": plain}], text, SECRET, detached=is_detached)
    for signatures in (parts, parts[::-1]):
        message = {"signatures": signatures, **({} if is_detached else {"payload": text})}
        payload = b"pay 1 to ada" if is_detached else None
        for key in (SECRET, lambda header, unverified: SECRET):
            with pytest.raises(JoseError):
                jws.deserialize_json(message, key, payload=payload)


def test_s18_nothing_secret_is_shown():
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.DEBUG, force=True)
    for algorithm in KINDS:
        key = key_for(algorithm)
        private = {str(value) for name, value in key.as_dict(is_private=True).items() if name in ("k", "d", "p", "q")}
        logging.debug("%r %s", key, key)
        shown = f"{key!r} {key} {key._native!r} {key.as_dict()} {key.as_json()} {KeySet([key]).as_json()} {log.getvalue()}"
        assert not any(value in shown for value in private), algorithm
    token = jwt.encode({"alg": "HS256"}, {"sub": "ada-lovelace"}, SECRET).decode()
    with pytest.raises(JoseError) as refused:
        jwt.decode(token + "A", "another secret that is long enough: 32 bytes")
    assert token not in str(refused.value) and SECRET not in str(refused.value)


def test_s18_what_is_public_holds_no_part_of_a_private_key_and_no_password():
    whole = key_for("RS256").as_dict(is_private=True)
    public = {"kty", "kid", "n", "e"}
    assert set(JsonWebKey.import_key({name: value for name, value in whole.items() if name != "d"}).as_dict()) == public
    options = {"kid": "a", "password": "swordfish", "d": whole["d"], "k": SECRET}
    for key in (Key.import_key(key_for("RS256"), options), OctKey.import_key(SECRET, options)):
        shown = f"{key.as_json()} {KeySet([key]).as_json()} {key!r} {key.options}"
        assert not any(secret in shown for secret in ("swordfish", whole["d"], SECRET))


@pytest.mark.parametrize("token", ["\udcff", "a.b.c\udcff", "a.b.c.d.\udcff", '{"payload":"\udcff"}', "\udcff.\udcff.\udcff"])
def test_s49_text_that_is_no_unicode_is_no_token(token):
    find = lambda *_: SECRET
    for call in (
        lambda: jwt.decode(token, SECRET),
        lambda: jwt.decode(token, find),
        lambda: verify(token, SECRET, Policy(["HS256"], issuer=None, audience=None)),
        lambda: JsonWebSignature().deserialize(token, SECRET),
        lambda: JsonWebSignature().deserialize(token, find),
        lambda: JsonWebSignature().deserialize_json({"payload": token, "signature": token}, SECRET),
        lambda: JsonWebSignature().deserialize_json({"payload": token, "protected": token, "signature": ""}, find),
        lambda: JsonWebEncryption().deserialize(token, SECRET),
        lambda: JsonWebEncryption().deserialize(token, find),
        lambda: JsonWebEncryption().deserialize_json({"ciphertext": token}, SECRET),
    ):
        with pytest.raises(JoseError):
            call()


@pytest.mark.parametrize("token", [None, 5, 1.5, [], {}, memoryview(b"a.b.c"), bytearray(b"a.b.c")])
def test_s49_what_is_no_text_is_a_type_error(token):
    for key in (SECRET, lambda *_: SECRET):
        for decode in (
            jwt.decode,
            JsonWebSignature().deserialize_compact,
            JsonWebEncryption().deserialize_compact,
        ):
            with pytest.raises(TypeError):
                decode(token, key)


@pytest.mark.parametrize("signature", [1, None, "x", [], {"header": "x"}, {"header": [[1, 2]]}, {"header": 7}, {"protected": 5}])
def test_s49_a_signature_of_the_wrong_form_finds_no_key(signature):
    for message in ({"payload": "", "signatures": [signature]}, json.dumps({"payload": "", "signatures": [signature]})):
        with pytest.raises(JoseError):
            JsonWebSignature().deserialize(message, lambda header, payload: SECRET)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"keys":' * 100_000, '{"keys":[],"keys":[]}', "{\udcff", "7"])
def test_s49_a_set_of_keys_is_read_strictly(text):
    with pytest.raises(errors.InvalidKeyError):
        JsonWebKey.import_key_set(text)
    with pytest.raises(JoseError):
        jwt.decode(forged({"alg": "HS256"}), text)


@pytest.mark.parametrize("name", ["alg", "kid", "typ", "x"])
def test_s04_what_is_not_protected_replaces_nothing_that_is(name):
    key = OctKey.import_key(SECRET[:32])
    signed = {"alg": "HS256", "kid": "a", "typ": "a", "x": "a"}
    encrypted = {**signed, "alg": "A256KW", "enc": "A128GCM"}
    other = {name: {"alg": "HS384"}.get(name, "b")}
    for header in ({"protected": signed, "header": other}, [{"protected": signed, "header": other}]):
        with pytest.raises(errors.DecodeError, match="twice"):
            JsonWebSignature().serialize_json(header, b"x", SECRET)
    for others in ({"unprotected": other}, {"recipients": [{"header": other}]}):
        with pytest.raises(errors.DecodeError, match="twice"):
            JsonWebEncryption().serialize_json({"protected": encrypted, **others}, b"x", key)
    with pytest.raises(errors.DecodeError, match="twice"):
        JsonWebEncryption().serialize_json(
            {"protected": {"enc": "A128GCM"}, "unprotected": {"alg": "dir"}, "recipients": [{"header": {"alg": "A256KW"}}]},
            b"x",
            key,
        )


def test_s49_nothing_of_the_core_panics():
    strange = [None, 0, 1.5, True, b"\xff", "\ud800", [], {}, (), object(), type, lambda: 1, memoryview(b"x"), "é" * 100]
    calls = [
        lambda x: jwt.encode(x, {}, SECRET),
        lambda x: jwt.encode({"alg": x}, {}, SECRET),
        lambda x: jwt.encode({"alg": "HS256", "kid": x}, {}, SECRET),
        lambda x: jwt.encode({"alg": "HS256"}, x, SECRET),
        lambda x: jwt.encode({"alg": "HS256"}, {}, x),
        lambda x: jwt.decode(x, SECRET),
        lambda x: jwt.decode(forged({"alg": "HS256"}), x),
        lambda x: JsonWebKey.import_key(x),
        lambda x: JsonWebKey.import_key({"kty": x}),
        lambda x: JsonWebKey.import_key({"kty": "EC", "crv": x, "x": x, "y": x}),
        lambda x: JsonWebKey.import_key_set(x),
        lambda x: JsonWebSignature().deserialize_json({"payload": x, "signatures": [x]}, SECRET),
        lambda x: JsonWebEncryption().deserialize_json({"protected": x, "recipients": [x]}, SECRET),
        lambda x: Key.import_key(x, {"password": x}),
        lambda x: Policy(x, issuer=x, audience=x),
    ]
    for call in calls:
        for value in strange:
            try:
                call(value)
            except Exception as error:
                # PyO3's own exception for a panic is a BaseException, which is not caught here.
                assert type(error).__name__ != "PanicException"


def test_s11_a_set_of_short_secrets_says_that_they_are():
    token = jwt.encode({"alg": "HS256"}, {"a": 1}, SECRET)
    short = OctKey.import_key("short")
    for keys in (short, KeySet([short]), {"keys": [short.as_dict(is_private=True)]}):
        with pytest.raises(errors.WeakKeyError, match="32 bytes for HS256"):
            jwt.decode(token, keys)
    # Where there is another one, it is not the reason.
    with pytest.raises(errors.JoseError) as refused:
        jwt.decode(token, KeySet([short, key_for("ES256")]))
    assert not isinstance(refused.value, errors.WeakKeyError)


def test_s11_a_short_secret_is_taken_where_that_is_said():
    named = {"allow_short_secret": True, "kid": "old", "use": "sig"}
    key = OctKey.import_key("secret", named)
    again = OctKey.import_key(OctKey.import_key({"kty": "oct", "k": "c2VjcmV0"}), named)
    jws = JsonWebToken(["HS256", "HS512"])
    for algorithm in ("HS256", "HS512"):
        token = jws.encode({"alg": algorithm, "kid": "old"}, {"a": 1}, key)
        for keys in (key, again, KeySet([key]), lambda header, payload: key):
            assert jws.decode(token, keys) == {"a": 1}
        # Nothing but the key that it was said of takes it: no set of others, no JWK, no text.
        for keys in ("secret", key.as_dict(is_private=True), KeySet([OctKey.import_key("secret", {"kid": "old"})])):
            with pytest.raises(errors.JoseError):
                jws.decode(token, keys)
        for forged in ({"kty": "oct", "k": "c2VjcmV0", "allow_short_secret": True},):
            with pytest.raises(errors.JoseError):
                jws.decode(token, forged)
    assert "allow_short_secret" not in {**key.options, **key.as_dict(is_private=True)}
    for empty in ("", b"", {"kty": "oct", "k": ""}):
        with pytest.raises(errors.InvalidKeyError, match="must not be empty"):
            OctKey.import_key(empty, {"allow_short_secret": True})
