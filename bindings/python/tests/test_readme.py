"""The programs of the README run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize("program", re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL))
def test_a_program_of_the_readme(program):
    exec(compile(program, str(README), "exec"), {})
