"""The programs of the documentation run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGES = [HERE.parent / "README.md", HERE.parents[2] / "README.md", HERE.parents[2] / "docs" / "from-authlib.md"]
PROGRAMS = [
    pytest.param(program, id=f"{page.parent.name}-{page.stem}-{number}")
    for page in PAGES
    for number, program in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_documentation(program):
    exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})


def test_there_are_programs():
    assert len(PROGRAMS) >= 8
