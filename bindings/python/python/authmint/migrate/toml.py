"""Where the texts of a TOML file stand. Python reads TOML since 3.11, but nowhere says where something stood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .text import Unreadable

_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r'|(?P<long>"""(?:\\.|(?!""")[^\\])*"""|' + r"'''(?:(?!''').)*''')"
    r'|(?P<text>"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*')"
    r"|(?P<bare>[\w.:+-]+)"
    r"|(?P<mark>[\[\]{}=,\n])"
    r"|(?P<quote>[\"'])"
    r"|(?P<other>.)",
    re.DOTALL,
)

_DEEPEST = 100
_LONGEST = 1000


@dataclass(frozen=True)
class Entry:
    """A key, a text that is a value, or one that is an item of an array, with its quotes."""

    table: str
    key: str
    role: Literal["key", "value", "item"]
    start: int
    end: int
    value: str


def entries(text: str) -> Iterator[Entry]:
    """The keys, and the texts, of a file. What is inside of inline tables is a `value` of its key outside."""
    table = key = ""
    # Brackets that are open. A header of a table is a bracket in the place of a key.
    open_brackets = ""
    is_header = has_key = False
    for token in _TOKEN.finditer(text):
        kind, value = token.lastgroup, token[0]
        if kind == "quote":
            raise Unreadable("is no TOML: a text does not end")
        if value == "\n" and not open_brackets:
            is_header = has_key = False
            key = ""
        elif value in ("[", "{"):
            if not has_key and not open_brackets:
                is_header, table = True, ""
            open_brackets += value
            if len(open_brackets) > _DEEPEST:
                raise Unreadable("is nested too deeply")
        elif value in ("]", "}"):
            open_brackets = open_brackets[:-1]
        elif value == "=" and not open_brackets:
            has_key = True
        elif kind in ("bare", "text"):
            plain = value[1:-1] if kind == "text" else value
            if len(table) + len(key) > _LONGEST:
                raise Unreadable("is no TOML: a key is too long")
            if is_header:
                table += plain
            elif not has_key:
                key += plain
                yield Entry(table, key, "key", *token.span(), plain)
            elif kind == "text":
                yield Entry(table, key, "item" if open_brackets == "[" else "value", *token.span(), plain)
