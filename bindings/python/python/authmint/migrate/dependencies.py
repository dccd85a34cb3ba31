"""Lists of what a project depends on: requirements.txt, pyproject.toml, Pipfile, setup.cfg, setup.py."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator

from .imports import Remark
from .text import Edit, Text
from .toml import Entry, entries

#: The extras that the project needs.
Needed = tuple[str, ...]

#: Name, extras and versions of a requirement (PEP 508); what may follow is a condition.
_REQUIREMENT = re.compile(
    r"(?i)authlib(?![\w.-])(?:[ \t]*\[[^\]]*\])?(?:[ \t]*\(?(?:[ \t,]*[<>=!~]{1,3}[ \t]*[\w.*+!-]+)+(?:[ \t]*\))?)?"
)
_REST = re.compile(r"[ \t]*(?:;.*)?(?:\s#.*)?\s*", re.DOTALL)
_MENTION = re.compile(r"(?i)(?<![\w.-])authlib(?![\w-])")
_ARRAYS = re.compile(
    r"project\.dependencies|project\.optional-dependencies\..+|dependency-groups\..+|build-system\.requires"
    r"|tool\..*dependencies(\..+)?"
)
_TABLES = re.compile(r"(tool\.poetry\.(.+\.)?(dev-)?dependencies|packages|dev-packages)")
_SECTIONS = re.compile(r"(options\.(install_requires|setup_requires|tests_require)|options\.extras_require\..+)")


def requirement(needed: Needed) -> str:
    """The package as it is required, with its extras."""
    return f"authmint[{','.join(needed)}]" if needed else "authmint"


class Dependencies:
    """A list of dependencies, and how Authlib stands in it."""

    def __init__(self, raw: bytes, kind: str) -> None:
        self.text = Text(raw, is_python=False)
        self.kind = kind
        #: Places where Authlib is required, each with what to put there.
        self.found: list[tuple[int, int, Callable[[Needed], str]]] = []
        #: Places that are for people.
        self.remarks: list[Remark] = []
        self.names_authmint = re.search(r"(?i)\bauthmint\b", self.text.text) is not None
        self.is_lock = kind == "lock" or (kind == "requirements" and _is_compiled(self.text))
        if not self.is_lock:
            {"requirements": self._requirements, "toml": self._toml, "setup.cfg": self._setup_cfg}[kind]()

    def edits(self, needed: Needed) -> list[Edit]:
        """What makes it require Authmint, with these extras."""
        return [Edit(start, end, new(needed)) for start, end, new in self.found]

    def remark(self, offset: int, text: str, *, by_hand: bool = True) -> Remark:
        """A remark about a place."""
        return Remark(*self.text.position(offset), text, by_hand)

    def _requirements(self) -> None:
        offset = 0
        for line in self.text.lines:
            content = re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
            found = _MENTION.search(content)
            if found and not self._require(offset + len(line) - len(line.lstrip()), offset + len(line)):
                text = "this line can't be changed safely: it has an address, hashes or options; write it anew for Authmint"
                self.remarks.append(self.remark(offset + found.start(), text))
            offset += len(line)

    def _setup_cfg(self) -> None:
        offset, section, option = 0, "", ""
        for line in self.text.lines:
            header = re.match(r"\[(.+)\]", line)
            named = re.match(r"([\w.-]+)\s*[=:][ \t]*", line)
            start = len(line) - len(line.lstrip())
            if header:
                section, option = header[1], ""
            elif named:
                option, start = named[1], named.end()
            is_comment = line[start : start + 1] in ("#", ";")
            found = None if is_comment else _MENTION.search(line, start)
            if found and _SECTIONS.fullmatch(f"{section}.{option}"):
                if not self._require(offset + start, offset + len(line)):
                    text = "this line can't be changed safely; require Authmint in the place of Authlib"
                    self.remarks.append(self.remark(offset + found.start(), text))
            elif found:
                self._mentioned(offset + found.start())
            offset += len(line)

    def _toml(self) -> None:
        items = list(entries(self.text.text))
        for place, item in enumerate(items):
            name = f"{item.table}.{item.key}".strip(".")
            if item.role == "key" and item.value.lower() == "authlib" and _TABLES.fullmatch(item.table):
                value = items[place + 1] if place + 1 < len(items) else item
                if value.role != "value" or self.text.text[item.end : value.start].strip() != "=":
                    text = "this entry can't be changed safely: it is a table; write the one for Authmint"
                    self.remarks.append(self.remark(item.start, text))
                else:
                    self.found.append((item.start, value.end, _poetry))
            elif item.role == "item" and _ARRAYS.fullmatch(name) and _MENTION.search(item.value):
                if not self._require(item.start + 1, item.end - 1):
                    text = "this requirement can't be changed safely; write the one for Authmint in its place"
                    self.remarks.append(self.remark(item.start, text))
            elif item.role == "item" and name.startswith("tool.poetry.extras.") and item.value.lower() == "authlib":
                self.found.append((item.start + 1, item.end - 1, lambda needed: "authmint"))
            elif _mentions(item):
                self._mentioned(item.start)

    def _mentioned(self, offset: int) -> None:
        self.remarks.append(self.remark(offset, "Authlib is named here; look whether it should be", by_hand=False))

    def _require(self, start: int, end: int) -> bool:
        found = _REQUIREMENT.match(self.text.text, start, end)
        rest = self.text.text[found.end() : end] if found else ""
        # A line that goes on, or has hashes, is more than a requirement.
        if found is None or len(rest) > 1000 or not _REST.fullmatch(rest) or "\\" in rest or " --" in rest:
            return False
        self.found.append((found.start(), found.end(), requirement))
        return True


def listed(text: Text, constants: Iterable[tuple[ast.Constant, str]]) -> Iterator[tuple[int, int, ast.Constant]]:
    """The requirements of Authlib among the texts of lists in setup.py: where the part that changes begins and ends."""
    for node, value in constants:
        found = _REQUIREMENT.match(value)
        if found is None or len(value) > 1000 or not _REST.fullmatch(value, found.end()):
            continue
        start = text.offset(node.lineno, node.col_offset)
        quote = re.compile("[rRuU]?['\"]").match(text.text, start)
        if quote is not None and text.text.startswith(found[0], quote.end()):
            yield quote.end(), quote.end() + len(found[0]), node


def _poetry(needed: Needed) -> str:
    if not needed:
        return 'authmint = "*"'
    return f'authmint = {{ version = "*", extras = {json.dumps(list(needed))} }}'


def _mentions(item: Entry) -> bool:
    return _MENTION.search(item.value) is not None and "://" not in item.value and not re.search(r"\s", item.value)


def _is_compiled(text: Text) -> bool:
    return re.search(r"(?i)autogenerated by (pip-compile|uv)", "".join(text.lines[:10])) is not None
