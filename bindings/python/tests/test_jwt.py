"""Tokens, as users of Authlib know them, and by a policy."""

from __future__ import annotations

import datetime
import json
import time

import pytest

from authmint.jose import (
    JsonWebKey,
    JsonWebToken,
    JWTClaims,
    KeySet,
    OctKey,
    Policy,
    errors,
    jwt,
    sign,
    verify,
)
from conftest import KINDS, SECRET, key_for


@pytest.mark.parametrize("algorithm", KINDS)
def test_what_is_signed_is_verified(algorithm, claims):
    key = key_for(algorithm)
    token = jwt.encode({"alg": algorithm}, claims, key)
    assert isinstance(token, bytes)
    for given in (token, token.decode()):
        decoded = jwt.decode(given, key)
        decoded.validate()
        assert decoded == claims
        assert decoded.header == {"alg": algorithm, "typ": "JWT"}
    assert JsonWebToken([algorithm]).decode(token, key) == claims


def test_a_key_may_come_in_any_form(claims):
    key = key_for("ES256")
    token = jwt.encode({"alg": "ES256"}, claims, key.as_pem(is_private=True))
    public = key.as_dict()
    jwks = {"keys": [key_for("RS256").as_dict(), public]}
    named = jwt.encode({"alg": "ES256", "kid": public["kid"]}, claims, key)
    forms = [key, key.as_pem(), key.as_pem().decode(), public, json.dumps(public), key.get_public_key(), lambda h, p: key]
    for form in forms:
        assert jwt.decode(token, form) == claims
    sets = [jwks, json.dumps(jwks), json.dumps(jwks).encode(), JsonWebKey.import_key_set(jwks), jwks["keys"]]
    for form in sets:
        assert jwt.decode(named, form) == claims
    secret = jwt.encode({"alg": "HS256"}, claims, SECRET)
    for form in (SECRET, SECRET.encode(), OctKey.import_key(SECRET), lambda header, payload: SECRET):
        assert jwt.decode(secret, form) == claims


def test_a_function_finds_the_key_by_header_and_claims(claims):
    seen = []

    def find(header, payload):
        seen.append((header, payload))
        return SECRET

    token = jwt.encode({"alg": "HS256", "kid": "7"}, claims, find)
    assert jwt.decode(token, find) == claims
    assert [header["kid"] for header, _ in seen] == ["7", "7"]
    assert [payload for _, payload in seen] == [claims, claims]


def test_a_key_of_a_set_is_named_in_the_token(claims):
    keys = KeySet([JsonWebKey.generate_key("EC", "P-256", {"kid": kid}, is_private=True) for kid in "ab"])
    assert jwt.decode(jwt.encode({"alg": "ES256"}, claims, keys), keys).header["kid"] == "a"
    token = jwt.encode({"alg": "ES256", "kid": "b"}, claims, keys)
    assert jwt.decode(token, keys).header["kid"] == "b"
    with pytest.raises(ValueError, match="no key has the kid"):
        jwt.decode(token, KeySet(keys.keys[:1]))


def test_a_header_of_any_kind_says_that_it_is_a_jwt(claims):
    key = JsonWebKey.generate_key("EC", "P-256", {"kid": "a"}, is_private=True)
    for header, more in (
        ({}, {"typ": "JWT", "kid": "a"}),
        ({"kid": "b"}, {"typ": "JWT"}),
        ({"typ": "at+jwt"}, {"kid": "a"}),
        ({"own": [1]}, {"typ": "JWT", "kid": "a"}),
    ):
        given = {"alg": "ES256", **header}
        decoded = jwt.decode(jwt.encode(given, claims, key), key)
        assert decoded.header == {**given, **more}
        assert given == {"alg": "ES256", **header}, "what was given is left alone"


@pytest.mark.parametrize(
    ("claim", "option", "error"),
    [
        ({}, {"iss": {"essential": True}}, errors.MissingClaimError),
        ({"iss": ""}, {"iss": {"essential": True}}, errors.InvalidClaimError),
        ({"groups": ["a", "b"]}, {"groups": {"value": "a"}}, errors.InvalidClaimError),
        ({"iss": "https://a.example"}, {"iss": {"value": "https://a.example/"}}, errors.InvalidClaimError),
        ({"iss": "a"}, {"iss": {"values": ["b", "c"]}}, errors.InvalidClaimError),
        ({"aud": ["a", "b"]}, {"aud": {"value": "c"}}, errors.InvalidClaimError),
        ({}, {"aud": {"value": "c"}}, errors.InvalidClaimError),
        ({"aud": "cat"}, {"aud": {"value": "c"}}, errors.InvalidClaimError),
        ({"sub": "x"}, {"sub": {"validate": lambda claims, value: value == "y"}}, errors.InvalidClaimError),
        ({"group": "x"}, {"group": {"value": "y"}}, errors.InvalidClaimError),
        ({"admin": 1}, {"admin": {"value": True}}, errors.InvalidClaimError),
        ({"exp": 99}, {}, errors.ExpiredTokenError),
        ({"exp": 100}, {}, errors.ExpiredTokenError),
        ({"nbf": 101}, {}, errors.InvalidTokenError),
        ({"iat": 101}, {}, errors.InvalidTokenError),
    ],
)
def test_claims_are_what_the_options_ask_for(claim, option, error):
    decoded = jwt.decode(jwt.encode({"alg": "HS256"}, claim, SECRET), SECRET, claims_options=option)
    with pytest.raises(error):
        decoded.validate(now=100)


@pytest.mark.parametrize("claim", ["iss", "aud", "group"])
def test_an_empty_list_allows_nothing_and_says_so(claim):
    decoded = jwt.decode(jwt.encode({"alg": "HS256"}, {claim: "x"}, SECRET), SECRET, claims_options={claim: {"values": []}})
    with pytest.raises(errors.InvalidClaimError, match="leave `values` out for any"):
        decoded.validate()


def test_claims_that_are_right_pass():
    registered = {"iss": "a", "aud": ["b", "c"], "sub": "x", "exp": 101, "nbf": 100, "iat": 100, "jti": "1"}
    claim = {**registered, "note": ""}
    option = {
        "iss": {"essential": True, "values": ["a", "z"]},
        "aud": {"values": ["c", "d"]},
        "note": {"essential": True, "allow_blank": True},
        "sub": {"validate": lambda claims, value: claims["iss"] == "a" and value == "x"},
    }
    decoded = jwt.decode(jwt.encode({"alg": "HS256"}, claim, SECRET), SECRET, claims_options=option)
    decoded.validate(now=100)
    decoded.validate(now=160, leeway=60)
    assert (decoded.iss, decoded.aud, decoded.jti) == ("a", ["b", "c"], "1")
    assert decoded.get_registered_claims() == registered
    with pytest.raises(AttributeError):
        decoded.nothing  # noqa: B018


def test_a_claims_class_of_ones_own():
    class Mine(JWTClaims):
        REGISTERED_CLAIMS = [*JWTClaims.REGISTERED_CLAIMS, "group"]

        def validate(self, now=None, leeway=0):
            super().validate(now, leeway)
            if self.group != self.params["group"]:
                raise errors.InvalidClaimError("group")

    token = jwt.encode({"alg": "HS256"}, {"group": "a"}, SECRET)
    jwt.decode(token, SECRET, claims_cls=Mine, claims_params={"group": "a"}).validate()
    with pytest.raises(errors.InvalidClaimError):
        jwt.decode(token, SECRET, claims_cls=Mine, claims_params={"group": "b"}).validate()


def test_times_may_be_datetimes():
    naive = datetime.datetime(2026, 1, 2, 3, 4, 5)
    aware = naive.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    given = {"iat": naive, "exp": aware}
    decoded = jwt.decode(jwt.encode({"alg": "HS256"}, given, SECRET), SECRET)
    assert decoded["iat"] - decoded["exp"] == 7200
    assert given["iat"] is naive, "what was given is left alone"


@pytest.mark.parametrize(
    "claim",
    [
        {"password": "x"},
        {"secret_key": "x"},
        {"note": "4242 4242 4242 4242"},
        {"note": "paid with 4242424242424242."},
        {"note": "371234577777770"},
        {"note": "123-45-6789"},
        {"k": "-----BEGIN PRIVATE KEY-----\nx"},
    ],
)
def test_what_looks_like_a_secret_is_not_put_into_a_token(claim):
    with pytest.raises(errors.InsecureClaimError):
        jwt.encode({"alg": "HS256"}, claim, SECRET)
    assert jwt.decode(jwt.encode({"alg": "HS256"}, claim, SECRET, check=False), SECRET) == claim


@pytest.mark.parametrize(
    "text",
    [
        *("000-45-6789", "666-45-6789", "900-45-6789", "123-00-6789", "123-45-0000", "123-45-67890", "é23-45-6789"),
        # Identifiers of people, whose checksums happen to be those of cards.
        *("4123456789012345677", "facebook|41234567890120", "61234567890123456"),
    ],
)
def test_what_looks_like_no_secret_is_put_into_a_token(text):
    assert jwt.decode(jwt.encode({"alg": "HS256"}, {"note": text}, SECRET), SECRET) == {"note": text}


def test_values_of_every_kind_come_back():
    claim = {
        "text": 'é\u2028"\\\n☃😀',
        "numbers": [0, -1, 2**53, -(2**63), 2**64 - 1, 2**64, -(2**70), 10**40, 1.5, -2e-9],
        "nested": {"a": [{"b": None}, True, False], "": {}},
        "tuple": (1, 2),
    }
    decoded = jwt.decode(jwt.encode({"alg": "HS256"}, claim, SECRET), SECRET)
    assert decoded == {**claim, "tuple": [1, 2]}


@pytest.mark.parametrize("value", [object(), {1: 2}, float("nan"), float("inf"), b"bytes", {"a"}, "\ud800"])
def test_what_json_has_no_form_for_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        jwt.encode({"alg": "HS256"}, {"value": value}, SECRET)


def test_a_policy_asks_everything_at_once(claims):
    key = key_for("ES256")
    policy = Policy(["ES256"], issuer="https://login.example", audience="api", required=["sub"])
    token = sign(claims, key, alg="ES256")
    assert verify(token, key.as_pem(), policy) == claims
    late = time.time() + 700
    with pytest.raises(errors.ExpiredTokenError):
        verify(token, key, policy, now=late)
    for changed, error in [
        ({"iss": "https://login.example/"}, errors.InvalidClaimError),
        ({"aud": ["other"]}, errors.InvalidClaimError),
        ({"sub": None}, errors.InvalidClaimError),
        ({"exp": "9"}, errors.InvalidClaimError),
    ]:
        with pytest.raises(error):
            verify(sign({**claims, **changed}, key, alg="ES256"), key, policy)
    with pytest.raises(errors.InvalidTypeError):
        verify(sign(claims, key, alg="ES256", typ="at+jwt"), key, policy)
    with pytest.raises(errors.UnsupportedAlgorithmError):
        verify(sign(claims, key_for("ES384"), alg="ES384"), key_for("ES384"), policy)
    without = {name: value for name, value in claims.items() if name != "sub"}
    with pytest.raises(errors.MissingClaimError, match="sub"):
        verify(sign(without, key, alg="ES256"), key, policy)
    with pytest.raises(errors.PolicyError):
        Policy([], issuer=None, audience=None)


def test_an_encrypted_token(claims):
    key = key_for("RS256")
    both = JsonWebToken(["RSA-OAEP-256", "A256GCM"])
    token = both.encode({"alg": "RSA-OAEP-256", "enc": "A256GCM"}, claims, key)
    assert token.count(b".") == 4
    with pytest.raises(errors.UnsupportedAlgorithmError):
        jwt.decode(token, key)
    assert both.decode(token, key) == claims
    assert both.decode(token, lambda header, payload: key) == claims


def test_a_token_as_text_is_itself(secret):
    token = jwt.encode({"alg": "HS256"}, {"sub": "ada"}, secret)
    assert isinstance(token, bytes) and token.decode() == str(token) == f"{token}" and token == token.decode().encode()
    assert jwt.decode(token, secret) == jwt.decode(str(token), secret) == {"sub": "ada"}


def test_a_text_is_one_name_and_not_its_letters(claims):
    key = key_for("ES256")
    token = JsonWebToken("ES256").encode({"alg": "ES256"}, {**claims, "nonce": "n"}, key)
    assert JsonWebToken("ES256").decode(token, key)["nonce"] == "n"
    with pytest.raises(errors.UnsupportedAlgorithmError):
        JsonWebToken("RS256").decode(token, key)
    asked = {"issuer": claims["iss"], "audience": claims["aud"]}
    assert verify(token, key, Policy("ES256", required="nonce", **asked))["nonce"] == "n"
    # Of its letters none is there, so that nothing would be forbidden.
    with pytest.raises(errors.JoseError, match="nonce"):
        verify(token, key, Policy("ES256", forbidden="nonce", **asked))
