"""The Python on the page runs, one block after another, as a program of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from hub.testing import RunningHub

PAGE = Path(__file__).parents[2] / "docs" / "openai.md"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_python_on_the_page_runs(home: RunningHub) -> None:
    program = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL))
    program = program.replace("http://localhost:8123", home.url).replace("TOKEN", home.token)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_PROXY": "*"},
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert out.decode().splitlines() == [
        "Hello to you, too.",
        'Hello to you, too.turn_on {"entity":"light.kitchen"}',
        "name='kitchen' lights=3",
        "Whatever.",
    ]
