"""The command: shows a project's way from Authlib to Authmint as a diff, and goes it with ``--write``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .diff import unified
from .project import Changed, Project
from .text import Unreadable, write

_DESCRIPTION = """\
Moves a project from Authlib to Authmint: imports, dotted names, texts that name modules, and lists of dependencies
(requirements*.txt, pyproject.toml, Pipfile, setup.cfg, setup.py). Shows the changes as a diff, on standard output;
what is to be known or done by hand, by file, line and column, on standard error.

An import stays as it is if Authmint lacks one of its names, and with it those of its file that belong together.
Running again changes nothing more. Hidden folders, virtual environments, node_modules and links are left alone, and
so are lock files and files over 4 MiB.
"""
_EXIT = """\
exit codes:
  0  nothing is left to do, or all of it was written
  1  there is something to change, or to do by hand
  2  something could not be read, understood or written
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command, and gives its exit code."""
    parser = argparse.ArgumentParser(
        "python -m authmint.migrate",
        description=_DESCRIPTION,
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a folder of the project, or a file")
    parser.add_argument("--write", action="store_true", help="change the files")
    options = parser.parse_args(arguments)

    project = Project(options.paths)
    changed, failed = 0, False
    for one in project.changed:
        if not options.write:
            _show(_diff(one))
            changed += 1
            continue
        if one.is_list and failed:
            project.errors.append((str(one.shown), "was not written, because not all of the code was"))
            continue
        try:
            write(one.real, one.old, one.new)
        except Unreadable as error:
            project.errors.append((str(one.shown), str(error)))
            failed = True
        else:
            lines = sum(line.startswith(b"+") for line in _diff(one)[2:])
            _show([f"changed {_plain(str(one.shown))}: {lines} line{'s'[: lines != 1]}\n".encode()])
            changed += 1
    for path, remark in project.remarks:
        kind = "by hand" if remark.by_hand else "note"
        _say(f"{path}:{remark.line}:{remark.column}: {kind}: {remark.text}")
    for name, why in project.errors:
        _say(f"{name}: error: {why}")
    if project.is_split:
        _say("Files that move and files that stay don't understand each other's errors, keys, tokens and sessions.")
    by_hand = sum(remark.by_hand for _, remark in project.remarks)
    _say(_summary(project, changed, by_hand, options.write))
    if project.errors:
        return 2
    return 1 if by_hand or (changed and not options.write) else 0


def _summary(project: Project, changed: int, by_hand: int, is_written: bool) -> str:
    files = f"{changed} file{'s'[: changed != 1]} {'changed' if is_written else 'to change'}"
    if not (changed or by_hand or project.errors):
        return "Nothing to do."
    needs = f" What has moved needs `{project.needed}`." if project.is_moving else ""
    write_it = " Run again with --write to change them." if changed and not is_written else ""
    errors = f", {len(project.errors)} not looked at or not written" if project.errors else ""
    return f"{files}, {by_hand} to do by hand{errors}.{needs}{write_it}"


def _diff(one: Changed) -> list[bytes]:
    return unified(_plain(one.shown.as_posix()).lstrip("/").encode(), one.old, one.new)


def _show(lines: Sequence[bytes]) -> None:
    # As bytes, so that the diff can be applied whatever the encoding of a file is.
    sys.stdout.flush()
    sys.stdout.buffer.write(b"".join(lines))
    sys.stdout.buffer.flush()


def _say(text: str) -> None:
    sys.stderr.buffer.write(f"{_plain(text)}\n".encode())
    sys.stderr.buffer.flush()


def _plain(text: str) -> str:
    """Without what a terminal would obey, or can't show."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
