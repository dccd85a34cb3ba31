"""What the claims of a token say, and what they must (RFC 7519 4)."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from math import inf, isfinite
from typing import Any, ClassVar

from .errors import ExpiredTokenError, InvalidClaimError, InvalidTokenError, MissingClaimError


class BaseClaims(dict[str, Any]):
    """The claims of a token whose signature is verified. They are believed only after `validate`.

    `options` says for a claim by its name what it must be: `essential`, and with `allow_blank` perhaps empty; `value`,
    `values`, or a function `validate` of the claims and the value. `params` are for subclasses.
    """

    REGISTERED_CLAIMS: ClassVar[list[str]] = []

    def __init__(
        self,
        payload: Mapping[str, Any],
        header: Mapping[str, Any] | None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(payload)
        self.header = header
        self.options = options or {}
        self.params = params or {}

    def __getattr__(self, name: str) -> Any:
        if name in self.REGISTERED_CLAIMS:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_registered_claims(self) -> dict[str, Any]:
        """Those that are registered."""
        return {name: value for name, value in self.items() if name in self.REGISTERED_CLAIMS}

    def _validate_essential_claims(self) -> None:
        for name, option in self.options.items():
            if option.get("essential"):
                if name not in self:
                    raise MissingClaimError(name)
                # False and 0 are values; an empty text, list or null says nothing.
                is_blank = not self[name] and not isinstance(self[name], (bool, int, float))
                if is_blank and not option.get("allow_blank"):
                    raise InvalidClaimError(name)

    def _fits(self, claim_name: str, value: Any, expected: Any) -> bool:
        """Whether a claim is what an option asks for."""
        return _same(value, expected)

    def _validate_claim_value(self, claim_name: str) -> None:
        option = self.options.get(claim_name)
        if not option:
            return
        value = self.get(claim_name)
        expected = option.get("value")
        if expected is not None and not self._fits(claim_name, value, expected):
            raise InvalidClaimError(claim_name)
        several = option.get("values")
        if isinstance(several, str):
            several = [several]
        if several is not None and not any(self._fits(claim_name, value, one) for one in several):
            raise _none_of(claim_name, several)
        validate = option.get("validate")
        if validate is not None and not validate(self, value):
            raise InvalidClaimError(claim_name)


def _none_of(name: str, expected: Collection[Any]) -> InvalidClaimError:
    # A setting that was left blank lets nobody in; who left it so is to find it.
    return InvalidClaimError(
        name, None if expected else f"Invalid claim {name!r}: no value is allowed; leave `values` out for any"
    )


def _same(value: Any, expected: Any) -> bool:
    # To Python, True is 1.
    return bool(value == expected) and isinstance(value, bool) == isinstance(expected, bool)


#: What an option says of these is asked by a method of their own.
_OWN_CHECKS = ("iss", "sub", "aud", "jti")


class JWTClaims(BaseClaims):
    """The claims of a JWT."""

    REGISTERED_CLAIMS: ClassVar[list[str]] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]

    def validate(self, now: float | None = None, leeway: float = 0) -> None:
        """Raises unless all claims are what they must be at `now`, in seconds since 1970; `leeway` is how far the clocks may
        be apart, in seconds.
        """
        if now is None:
            now = int(time.time())
        if not isfinite(now) or not isfinite(leeway):
            raise ValueError("now and leeway are finite numbers")
        # What is neither there nor asked for needs no look, unless a subclass looks at it.
        options, asks_more = self.options, type(self) is not JWTClaims
        if options:
            self._validate_essential_claims()
        if asks_more or "iss" in options:
            self.validate_iss()
        if asks_more or "sub" in options:
            self.validate_sub()
        if asks_more or "aud" in options:
            self.validate_aud()
        if asks_more or "exp" in self:
            self.validate_exp(now, leeway)
        if asks_more or "nbf" in self:
            self.validate_nbf(now, leeway)
        if asks_more or "iat" in self:
            self.validate_iat(now, leeway)
        if asks_more or "jti" in options:
            self.validate_jti()
        for name in options:
            if name not in _OWN_CHECKS:
                self._validate_claim_value(name)

    def validate_iss(self) -> None:
        """The issuer, exactly (RFC 7519 4.1.1)."""
        self._validate_claim_value("iss")

    def validate_sub(self) -> None:
        """The subject (4.1.2)."""
        self._validate_claim_value("sub")

    def validate_aud(self) -> None:
        """The audience: one of the names must be one of those that are expected, exactly (4.1.3)."""
        option = self.options.get("aud")
        if not option:
            return
        value = self.get("aud")
        names = value if isinstance(value, list) else [value]
        expected = option.get("values")
        if expected is None and option.get("value") is not None:
            expected = [option["value"]]
        if isinstance(expected, str):
            expected = [expected]
        if expected is not None and not any(isinstance(name, str) and name in expected for name in names):
            raise _none_of("aud", expected)
        validate = option.get("validate")
        if validate is not None and not validate(self, value):
            raise InvalidClaimError("aud")

    def validate_exp(self, now: float, leeway: float) -> None:
        """`exp` must lie ahead (4.1.4)."""
        exp = self._time("exp")
        if exp is not None and exp <= now - leeway:
            raise ExpiredTokenError()

    def validate_nbf(self, now: float, leeway: float) -> None:
        """`nbf` must have come (4.1.5)."""
        nbf = self._time("nbf")
        if nbf is not None and nbf > now + leeway:
            raise InvalidTokenError()

    def validate_iat(self, now: float, leeway: float) -> None:
        """`iat` must not lie ahead (4.1.6)."""
        iat = self._time("iat")
        if iat is not None and iat > now + leeway:
            raise InvalidTokenError(description="The token is not valid as it was issued in the future")

    def validate_jti(self) -> None:
        """The identifier (4.1.7)."""
        self._validate_claim_value("jti")

    def _time(self, name: str) -> float | None:
        """A time, which is a finite number and not negative: what is anything else is no absent claim."""
        if name not in self:
            return None
        value = self[name]
        if type(value) is int and value >= 0:
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < inf:
            raise InvalidClaimError(name)
        return value
