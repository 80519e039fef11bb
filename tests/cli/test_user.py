from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tests.cli.conftest import hearth, run_hub


async def asked(*arguments: str, folder: Path) -> Any:
    """Run a command that must succeed; return its JSON."""
    code, out, err = await hearth("user", *arguments, "--json", folder=folder)
    assert code == 0, err
    return json.loads(out)


async def with_password(*arguments: str, folder: Path, password: str) -> dict[str, Any]:
    """Run a command that reads a password."""
    command = (sys.executable, "-m", "hub.cli", "user", *arguments, "--json", "--config", str(folder))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate(f"{password}\n".encode())
    assert process.returncode == 0, err.decode()
    row: dict[str, Any] = json.loads(out)
    return row


async def test_users_are_listed_added_and_changed(folder: Path) -> None:
    async with run_hub(folder) as hub:
        await hub.create_owner()
        (owner,) = await asked("list", folder=folder)
        assert owner["role"] == "owner"
        ben = await with_password("add", "Ben", "--username", "ben", folder=folder, password="ben's own")
        assert (ben["role"], ben["credentials"]) == ("user", [{"type": "homeassistant"}])
        guest = await asked("role", "ben", "guest", "--area", "hall", "--look", folder=folder)
        assert (guest["role"], guest["capabilities"]) == ("guest", [{"action": None, "area": ["hall"]}])
        assert (await asked("deactivate", "ben", folder=folder))["is_active"] is False
        assert (await asked("activate", "ben", folder=folder))["is_active"] is True
        await with_password("password", "ben", folder=folder, password="another one")
        code, out, _ = await hearth("user", "list", folder=folder)
        assert (code, 'ben  Ben  guest  [{"action": null, "area": ["hall"]}]' in out) == (0, True)


async def test_a_program_gets_its_own_token(folder: Path) -> None:
    async with run_hub(folder) as hub:
        await hub.create_owner()
        robot = await asked("add", "Node-RED", "--role", "service", "--domain", "light", folder=folder)
        assert robot["capabilities"] == [{"action": "*", "domain": ["light"]}]
        code, out, _ = await hearth("token", "create", "flows", "--user", "Node-RED", "--json", folder=folder)
        assert code == 0
        assert json.loads(out)["token"].startswith("hearth_l_")
        code, _, err = await hearth("token", "create", "flows", "--user", "nobody", folder=folder)
        assert (code, "Node-RED" in err) == (3, True)


async def test_the_last_owner_cannot_be_locked_out(folder: Path) -> None:
    async with run_hub(folder) as hub:
        await hub.create_owner()
        (owner,) = await asked("list", folder=folder)
        for arguments in (("deactivate",), ("role", "admin")):
            code, _, err = await hearth("user", arguments[0], owner["username"], *arguments[1:], folder=folder)
            assert (code, "there is exactly one" in err) == (1, True)
