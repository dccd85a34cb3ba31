"""A file as its bytes are: every one stays that is not inside of what is changed."""

from __future__ import annotations

import bisect
import codecs
import contextlib
import os
import re
import stat
import tempfile
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Larger files are not looked at.
LARGEST = 4 * 1024 * 1024


class Unreadable(Exception):
    """Why a file is left alone, in words for whoever runs the command."""


@dataclass(frozen=True)
class Edit:
    """New text for a stretch of the old."""

    start: int
    end: int
    new: str


class Text:
    """The text of a file, with the places of its lines and the way back to bytes."""

    def __init__(self, raw: bytes, *, is_python: bool) -> None:
        self.raw = raw
        self.encoding = _encoding(raw) if is_python else "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else "utf-8"
        try:
            self.text = raw.decode(self.encoding)
            is_whole = self.text.encode(self.encoding) == raw
        except (UnicodeError, LookupError) as error:
            raise Unreadable(f"is not text in {self.encoding}") from error
        if not is_whole:
            raise Unreadable(f"its bytes would not stay as they are in {self.encoding}")
        if "\0" in self.text:
            raise Unreadable("is binary")
        # Not splitlines(), which knows ends of lines that Python's grammar doesn't.
        self.lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", self.text)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))

    @property
    def normal(self) -> str:
        """The text with `\\n` for every end of a line, so that rows and columns stay what they are."""
        return re.sub(r"\r\n?", "\n", self.text)

    def offset(self, line: int, utf8_column: int) -> int:
        """The place of a line and a column as `ast` counts them."""
        text = self.lines[line - 1]
        if text.isascii():
            return self._starts[line - 1] + utf8_column
        return self._starts[line - 1] + len(text.encode()[:utf8_column].decode(errors="replace"))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a place, both from 1."""
        line = max(bisect.bisect_right(self._starts, offset, hi=len(self.lines)), 1)
        return line, offset - self._starts[line - 1] + 1

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The bytes with the edits made."""
        parts: list[str] = []
        done = 0
        for edit in sorted(edits, key=lambda edit: edit.start):
            parts += [self.text[done : edit.start], edit.new]
            done = edit.end
        return "".join([*parts, self.text[done:]]).encode(self.encoding)


def _encoding(raw: bytes) -> str:
    lines = iter(raw.splitlines(keepends=True)[:2])
    try:
        return tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except SyntaxError as error:
        raise Unreadable(f"is not text in an encoding that Python knows ({error.msg})") from error


def read(path: Path) -> bytes:
    """The bytes of a regular file."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("is no regular file")
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise Unreadable(f"is larger than {LARGEST // 1024**2} MiB and was not looked at")
    return raw


def write(path: Path, old: bytes, new: bytes) -> None:
    """Puts a whole new file in the old one's place, which stays as it was if anything goes wrong."""
    temporary = None
    try:
        if not os.access(path, os.W_OK):
            raise Unreadable("was not written: it is read-only")
        before = path.stat()
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with open(descriptor, "wb") as file:
            file.write(new)
            if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                with contextlib.suppress(OSError):
                    os.chown(temporary, before.st_uid, before.st_gid)
            # After chown, which may take bits away.
            os.chmod(temporary, stat.S_IMODE(before.st_mode))
            file.flush()
            os.fsync(file.fileno())
        if read(path) != old:
            raise Unreadable("was not written: it has changed meanwhile; run again")
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise Unreadable(f"was not written: {error.strerror}") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
