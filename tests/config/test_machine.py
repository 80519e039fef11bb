from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest

from hub.config import machine


@pytest.fixture
def clock_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of /etc and of the database of time zones."""
    real = Path
    monkeypatch.setattr(machine, "Path", lambda path: tmp_path / real(path).name)
    monkeypatch.delenv("TZ", raising=False)
    return tmp_path


def _link(folder: Path, zone: str) -> None:
    target = folder / "zoneinfo" / zone
    target.parent.mkdir(parents=True)
    target.touch()
    (folder / "localtime").symlink_to(target)


@pytest.mark.parametrize("value", ["Asia/Shanghai", ":Asia/Shanghai"])
def test_tz_says_the_time_zone_whatever_localtime_is(
    clock_files: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (clock_files / "localtime").touch()  # a copy, as containers have it
    monkeypatch.setenv("TZ", value)
    assert machine.machine_time_zone() == "Asia/Shanghai"


@pytest.mark.parametrize("value", ["", "CET-1CEST,M3.5.0,M10.5.0/3", "/etc/localtime", ":/etc/localtime", "../x"])
def test_a_tz_that_names_no_zone_leaves_it_to_localtime(
    clock_files: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    _link(clock_files, "Europe/Berlin")
    monkeypatch.setenv("TZ", value)
    assert machine.machine_time_zone() == "Europe/Berlin"


def test_where_localtime_is_a_copy_the_time_zone_is_the_one_written_down(clock_files: Path) -> None:
    (clock_files / "localtime").touch()
    (clock_files / "timezone").write_text("America/Argentina/Buenos_Aires\n")
    assert machine.machine_time_zone() == "America/Argentina/Buenos_Aires"


def test_a_machine_that_says_nothing_is_in_utc(clock_files: Path) -> None:
    assert machine.machine_time_zone() == "UTC"


@pytest.mark.parametrize("name", ["hub", "hub-2.example.org", "xn--bcher-kva.example", "1a"])
def test_a_host_name_is_one(name: str) -> None:
    assert machine.is_host_name(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "a..b", "a_b", "Hub", "a b", "bücher.example", "a" * 64, "a.", "a:1"])
def test_what_is_no_host_name_is_told_from_one(name: str) -> None:
    assert not machine.is_host_name(name)


def test_the_machine_is_known_by_its_name_and_by_multicast_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Attic.Example.org")
    assert machine.machine_names() == ("attic.example.org", "attic.local")


def test_the_addresses_are_those_that_others_reach() -> None:
    for text in machine.machine_addresses():
        address = ipaddress.ip_address(text)
        assert not address.is_loopback
        assert not address.is_link_local
