"""A unified diff of bytes, so that it can be applied whatever the encoding of a file is."""

from __future__ import annotations

import difflib

_CONTEXT = 3


def unified(name: bytes, old: bytes, new: bytes) -> list[bytes]:
    """The lines of the diff of a file."""
    before, after = _lines(old), _lines(new)
    if len(before) != len(after):
        lines = list(difflib.diff_bytes(difflib.unified_diff, before, after, b"a/" + name, b"b/" + name))
    else:
        lines = [b"--- a/%s\n" % name, b"+++ b/%s\n" % name, *_line_by_line(before, after)]
    return [line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines]


def _line_by_line(before: list[bytes], after: list[bytes]) -> list[bytes]:
    """The hunks where each line has its counterpart. Of a large file, `difflib` takes minutes to find that out."""
    lines: list[bytes] = []
    hunks: list[list[int]] = []
    for place in (place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new):
        if hunks and place - hunks[-1][-1] <= 2 * _CONTEXT:
            hunks[-1].append(place)
        else:
            hunks.append([place])
    for hunk in hunks:
        start, end = max(hunk[0] - _CONTEXT, 0), min(hunk[-1] + _CONTEXT + 1, len(before))
        where = b"%d" % (start + 1) if end - start == 1 else b"%d,%d" % (start + 1, end - start)
        lines.append(b"@@ -%s +%s @@\n" % (where, where))
        changed = set(hunk)
        place = start
        while place < end:
            until = place
            while until in changed:
                until += 1
            if until == place:
                lines.append(b" " + before[place])
                until += 1
            else:
                lines += [b"-" + line for line in before[place:until]]
                lines += [b"+" + line for line in after[place:until]]
            place = until
    return lines


def _lines(raw: bytes) -> list[bytes]:
    *whole, rest = raw.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]
