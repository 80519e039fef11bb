"""``hearth certificate``, and what ``hearth run`` says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.config.machine import machine_addresses
from tests.cli.conftest import hearth, run_hub


def configure(folder: Path, server: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "hearth.yaml").write_text(f"server: {server}\n")


async def test_a_hub_that_others_reach_says_where_and_whom_to_trust(folder: Path) -> None:
    address = next((one for one in machine_addresses() if ":" not in one), None)
    if address is None:
        pytest.skip("this machine has no address but loopback's")
    configure(folder, f"{{host: {address}, names: [hub.example]}}")
    async with run_hub(folder) as running:
        assert running.ready["others"] == f"https://hub.example:{running.port}"
        _, out, _ = await hearth("certificate", "show", "--json", folder=folder)
        shown = json.loads(out)
        assert shown["sha256"] == running.ready["ca_sha256"]
        assert {"hub.example", address, "localhost"} <= set(shown["names"])


async def test_without_a_hub_the_certificate_is_renewed_in_its_files(folder: Path) -> None:
    async with run_hub(folder) as running:
        assert running.ready["others"] is None
    before = (folder / ".hearth" / "tls" / "server.pem").read_bytes()
    code, out, _ = await hearth("certificate", "renew", "--json", folder=folder)
    assert (code, json.loads(out)["sha256"]) == (0, running.ready["ca_sha256"])
    assert (folder / ".hearth" / "tls" / "server.pem").read_bytes() != before
    code, out, _ = await hearth("certificate", "renew", "--authority", "--json", folder=folder)
    assert code == 0
    assert json.loads(out)["sha256"] != running.ready["ca_sha256"]


async def test_the_users_certificate_is_shown_where_it_is_used(folder: Path) -> None:
    configure(folder, "{certificate: mine.pem, key: mine.key}")
    code, out, _ = await hearth("certificate", "show", folder=folder)
    assert code == 0
    assert str(folder / "mine.pem") in out


async def test_a_folder_that_no_hub_has_used_has_no_certificate(folder: Path) -> None:
    for action in ("show", "renew"):
        code, _, err = await hearth("certificate", action, folder=folder)
        assert code == 3
        assert "start it once with 'hearth run'" in err


async def test_devices_without_tls_are_named_at_each_start_and_nonsense_is_not_let_in(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for plain in ("[mqtt]", "[mqtt, http]"):
        configure(folder, f"{{plain: {plain}}}")
        async with run_hub(folder):
            pass
    log = capfd.readouterr().err
    assert log.count("Other machines may speak mqtt without TLS") == 1
    assert "got http: browsers can; the default is used" in log
