"""Programs that were written for Authlib, with nothing changed but the import."""

from __future__ import annotations

import time

import pytest

from authmint.common.security import generate_token
from authmint.jose import JsonWebKey, JsonWebSignature, jwt
from authmint.jose.errors import ExpiredTokenError, InvalidClaimsError
from conftest import key_for


class JWTManager:
    """Makes and reads tokens, and client assertions (RFC 7523)."""

    def __init__(self, private_key_pem, algorithm="RS256"):
        self.private_key = private_key_pem
        self.algorithm = algorithm
        self.jws = JsonWebSignature()

    def create_jwt_token(self, payload, headers=None):
        if headers is None:
            headers = {"alg": self.algorithm}
        return jwt.encode(headers, payload, self.private_key)

    def decode_jwt_token(self, token, public_key):
        try:
            return jwt.decode(token, public_key)
        except Exception as e:
            raise ValueError(f"JWT decode error: {e}") from e

    def create_client_assertion(self, client_id, token_endpoint):
        now = int(time.time())
        payload = {
            "iss": client_id,
            "sub": client_id,
            "aud": token_endpoint,
            "iat": now,
            "exp": now + 300,
            "jti": generate_token(),
        }
        return self.create_jwt_token(payload)


def test_a_manager_of_tokens():
    key = key_for("RS256")
    manager = JWTManager(key.as_pem(is_private=True).decode())
    assertion = manager.create_client_assertion("my-client", "https://login.example/token")
    claims = manager.decode_jwt_token(assertion, key.as_pem().decode())
    claims.validate()
    assert claims["iss"] == claims["sub"] == "my-client" and len(claims["jti"]) == 30
    with pytest.raises(ValueError, match="JWT decode error"):
        manager.decode_jwt_token(assertion, key_for("ES256").as_pem())


def handle_jwt_error(jwt_token, public_key):
    """Tells what is wrong with a token by the name of the error."""
    try:
        claims = jwt.decode(jwt_token, public_key)
        claims.validate()
        return {"valid": True, "claims": claims}
    except Exception as e:
        error_type = type(e).__name__
        error_messages = {"ExpiredTokenError": "Token has expired", "InvalidTokenError": "Token format is invalid"}
        return {"valid": False, "error": error_type, "message": error_messages.get(error_type, "Unknown JWT error")}


def test_errors_are_known_by_their_names():
    key = key_for("ES256")
    token = jwt.encode({"alg": "ES256"}, {"sub": "ada"}, key)
    assert handle_jwt_error(token, key) == {"valid": True, "claims": {"sub": "ada"}}
    late = jwt.encode({"alg": "ES256"}, {"exp": 1}, key)
    assert handle_jwt_error(late, key)["message"] == "Token has expired"
    early = jwt.encode({"alg": "ES256"}, {"nbf": 2**40}, key)
    assert handle_jwt_error(early, key)["error"] == "InvalidTokenError"
    other = JsonWebKey.generate_key("EC", "P-256")
    assert handle_jwt_error(token, other)["error"] == "BadSignatureError"


def test_an_api_reads_the_tokens_of_an_issuer():
    key = JsonWebKey.generate_key("RSA", 2048, {"kid": "1", "use": "sig"}, is_private=True)
    jwks = {"keys": [key.as_dict(), key_for("ES256").as_dict()]}

    def verify_token(token):
        claims = jwt.decode(token, JsonWebKey.import_key_set(jwks))
        try:
            claims.validate()
        except ExpiredTokenError:
            return "Token has expired"
        except InvalidClaimsError as e:
            return f"Invalid token claims: {e}"
        return claims.get("scope", "").split()

    now = int(time.time())
    assert verify_token(jwt.encode({"alg": "RS256"}, {"scope": "profile admin", "exp": now + 60}, key)) == ["profile", "admin"]
    assert verify_token(jwt.encode({"alg": "RS256"}, {"exp": now - 1}, key)) == "Token has expired"
    assert "exp" in verify_token(jwt.encode({"alg": "RS256"}, {"exp": "soon"}, key))
