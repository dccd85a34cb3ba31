"""What servers publish of themselves, and what it must be: the base of the metadata of RFC 8414, of OpenID Connect, and of APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from ..common.language import is_valid_language_tag
from ..common.security import is_secure_transport
from ..common.urls import is_valid_url

Check = Callable[[Any], None]


class Metadata(dict[str, Any]):
    """Metadata: a dict whose registered members can be read as attributes, with what is meant where they are left out. For
    each there is a method `validate_…`, which raises `ValueError` for what must not be.
    """

    REGISTRY_KEYS: ClassVar[list[str]] = []
    #: What is meant by a member that is left out.
    DEFAULTS: ClassVar[Mapping[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.REGISTRY_KEYS:
            return self.get(name, self.DEFAULTS.get(name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def validate(self, metadata_classes: Iterable[type[Metadata]] | None = None) -> None:
        """Raises unless all members are what they must be, also by other classes, each of which knows an extension."""
        for one in (self, *(kind(self) for kind in metadata_classes or ())):
            for name in one.REGISTRY_KEYS:
                getattr(one, f"validate_{name}")()


def https(name: str, is_required: bool = False) -> Check:
    """An address of https."""

    def check(metadata: Metadata) -> None:
        value = metadata.get(name)
        if not value and is_required:
            raise ValueError(f'"{name}" is required')
        if value and not (isinstance(value, str) and is_secure_transport(value)):
            raise ValueError(f'"{name}" MUST use "https" scheme')

    return check


def address(name: str, is_translated: bool = False) -> Check:
    """An address for people, in other languages under names such as `name#fr`."""

    def check(metadata: Metadata) -> None:
        for known, value in _of(metadata, name, is_translated):
            if value and not (isinstance(value, str) and is_valid_url(value)):
                raise ValueError(f'"{known}" MUST be a URL')

    return check


def text(name: str, is_translated: bool = False) -> Check:
    """A text, in other languages under names such as `name#fr`."""

    def check(metadata: Metadata) -> None:
        for known, value in _of(metadata, name, is_translated):
            if value and not isinstance(value, str):
                raise ValueError(f'"{known}" MUST be a string')

    return check


def array(
    name: str,
    *,
    is_required: bool = False,
    among: Iterable[str] | None = None,
    includes: str | None = None,
    text_of: str = "strings",
) -> Check:
    """A list of texts: of values that are known, or with one that must be there."""
    known = None if among is None else frozenset(among)

    def check(metadata: Metadata) -> None:
        values = metadata.get(name)
        if values is None:
            if is_required:
                raise ValueError(f'"{name}" is required')
            return
        if not isinstance(values, list):
            raise ValueError(f'"{name}" MUST be JSON array')
        if known is not None and not all(isinstance(value, str) and value in known for value in values):
            raise ValueError(f'"{name}" contains invalid values: it may have {", ".join(sorted(known))}')
        if includes is not None and includes not in values:
            raise ValueError(f'"{includes}" MUST be included in "{name}"')
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f'"{name}" MUST be JSON array of {text_of}')

    return check


def languages(name: str) -> Check:
    """A list of tags of languages."""
    is_array = array(name, text_of="BCP 47 language tags")

    def check(metadata: Metadata) -> None:
        is_array(metadata)
        if not all(is_valid_language_tag(tag) for tag in metadata.get(name) or ()):
            raise ValueError(f'"{name}" MUST contain BCP 47 language tags')

    return check


def signatures(name: str, methods: str | None = None) -> Check:
    """A list of algorithms of signatures, without `none`; needed where `methods` has a method of clients that takes one."""
    is_array = array(name)

    def check(metadata: Metadata) -> None:
        is_array(metadata)
        known = getattr(metadata, methods) if methods else None
        signed = [method for method in ("client_secret_jwt", "private_key_jwt") if method in (known or ())]
        if signed and not metadata.get(name):
            raise ValueError(f'"{name}" is required with {" and ".join(signed)}')
        if any(alg.lower() == "none" for alg in metadata.get(name) or ()):
            raise ValueError(f'the value "none" MUST NOT be used in "{name}"')

    return check


def boolean(name: str) -> Check:
    """True or false."""

    def check(metadata: Metadata) -> None:
        if name in metadata and not isinstance(metadata[name], bool):
            raise ValueError(f'"{name}" MUST be boolean: it MUST be a boolean, true or false')

    return check


def _of(metadata: Metadata, name: str, is_translated: bool) -> list[tuple[str, Any]]:
    return [
        (known, value) for known, value in metadata.items() if known == name or (is_translated and known.startswith(f"{name}#"))
    ]
