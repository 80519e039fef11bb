"""The hub's certificates, judged by OpenSSL's own program."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import Peer
from hub.config.settings import Settings, load_settings
from hub.core.clock import SimulatedClock
from hub.errors import InvalidInput, StorageError
from hub.security.certificates import Certificates, Issuer, OwnFiles, certificate_names, own_files
from hub.security.certificates.handshake import fingerprint, server_context

NOW = 1_800_000_000.0
DAY = 86_400.0
NAMES = ("localhost", "hub.example", "192.0.2.7", "fd00::7")
OpenSsl = Callable[..., str]


@dataclass
class Home:
    """A folder with certificates, and the contexts that were to be used."""

    folder: Path
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOW))
    names: list[str] = field(default_factory=lambda: list(NAMES))
    shown: list[ssl.SSLContext] = field(default_factory=list)
    another: asyncio.Event = field(default_factory=asyncio.Event)

    def certificates(self, own: OwnFiles | None = None) -> Certificates:
        return Certificates(self.folder, self.clock, names=lambda: self.names, own=own, changed=self._show)

    def _show(self, context: ssl.SSLContext) -> None:
        if self.shown:
            self.another.set()
        self.shown.append(context)

    @property
    def tls(self) -> Path:
        return self.folder / ".hearth" / "tls"

    def file(self, name: str) -> bytes:
        return (self.tls / name).read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def openssl(peer: Peer) -> OpenSsl:
    program = peer("openssl", "apt-get install openssl")

    def run(*words: str | Path) -> str:
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60)
        return done.stdout + done.stderr

    return run


async def test_an_authority_is_made_once_and_its_certificate_is_good_for_every_name(
    home: Home, openssl: OpenSsl
) -> None:
    certificates = home.certificates()
    await certificates.open()
    ca, server = home.tls / "authority.crt", home.tls / "server.pem"
    at = ("-attime", str(int(NOW)))
    for option, name in (("-verify_hostname", "hub.example"), ("-verify_ip", "192.0.2.7"), ("-verify_ip", "fd00::7")):
        said = openssl("verify", "-x509_strict", *at, "-purpose", "sslserver", option, name, "-CAfile", ca, server)
        assert said.strip().endswith("OK")
    wrong = openssl("verify", *at, "-verify_hostname", "other.example", "-CAfile", ca, server)
    assert "hostname mismatch" in wrong.lower()
    first = home.file("authority.crt")
    await home.certificates().open()
    assert home.file("authority.crt") == first
    assert certificates.fingerprint() == fingerprint(first)
    assert openssl("x509", "-in", ca, "-noout", "-fingerprint", "-sha256").strip().endswith(fingerprint(first))


async def test_the_authority_may_sign_servers_only_for_ten_years_and_a_server_holds_for_397_days(
    home: Home, openssl: OpenSsl
) -> None:
    await home.certificates().open()
    ca = openssl("x509", "-in", home.tls / "authority.crt", "-noout", "-text")
    assert "CA:TRUE, pathlen:0" in ca
    assert "Certificate Sign, CRL Sign" in ca
    assert "ASN1 OID: prime256v1" in ca
    server = openssl("x509", "-in", home.tls / "server.pem", "-noout", "-text")
    assert "CA:FALSE" in server
    assert "TLS Web Server Authentication" in server
    for name, days in (("authority.crt", 3650), ("server.pem", 397)):
        for seconds, end in ((days * DAY - 7200, "will not expire"), (days * DAY + 7200, "will expire")):
            left = int(NOW + seconds - time.time())
            assert end in openssl("x509", "-in", home.tls / name, "-noout", "-checkend", str(left))


async def test_keys_are_for_the_hub_alone(home: Home) -> None:
    old = os.umask(0)
    try:
        await home.certificates().open()
    finally:
        os.umask(old)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in home.tls.iterdir()} == dict.fromkeys(
        ("authority.key", "authority.crt", "server.pem", "server.json"), "0o600"
    )
    assert oct(home.tls.stat().st_mode & 0o777) == "0o700"


async def test_a_start_with_a_good_certificate_loads_nothing_that_makes_one(home: Home) -> None:
    await home.certificates().open()
    code = (
        "import sys, time; from pathlib import Path; from hub.security.certificates import Issuer\n"
        f"issuer = Issuer(Path({str(home.folder)!r}))\n"
        f"assert not issuer.is_needed({NAMES!r}, {NOW}); issuer.context(); print('cryptography' in sys.modules)"
    )
    done = await asyncio.to_thread(subprocess.check_output, [sys.executable, "-c", code], text=True)
    assert done == "False\n"


async def test_a_certificate_is_renewed_thirty_days_before_its_end_by_the_same_authority(home: Home) -> None:
    await home.certificates().open()
    authority, first = home.file("authority.crt"), home.file("server.pem")
    home.clock = SimulatedClock(NOW + 366 * DAY)
    await home.certificates().open()
    assert home.file("server.pem") == first
    home.clock = SimulatedClock(NOW + 368 * DAY)
    await home.certificates().open()
    assert home.file("server.pem") != first
    assert home.file("authority.crt") == authority
    assert len(home.shown) == 3


@pytest.mark.parametrize("wrong", [0.0, NOW + 20 * 365 * DAY], ids=["1970", "far ahead"])
async def test_a_clock_that_was_wrong_costs_one_certificate_and_no_authority(
    home: Home, openssl: OpenSsl, wrong: float
) -> None:
    await home.certificates().open()
    authority = home.file("authority.crt")
    home.clock = SimulatedClock(wrong)
    await home.certificates().open()
    written = home.file("server.pem")
    await home.certificates().open()
    assert home.file("server.pem") == written  # not another one each minute
    home.clock = SimulatedClock(NOW)
    await home.certificates().open()
    assert home.file("authority.crt") == authority
    ca, server = home.tls / "authority.crt", home.tls / "server.pem"
    assert "OK" in openssl("verify", "-attime", str(int(NOW)), "-CAfile", ca, server)


async def test_while_it_runs_new_addresses_bring_another_certificate_within_a_minute(home: Home) -> None:
    certificates = home.certificates()
    await certificates.open()
    task = asyncio.create_task(certificates.run(), name="certificates")
    home.names.append("192.0.2.8")
    await home.clock.advance(61)
    async with asyncio.timeout(10):
        await home.another.wait()
    served = Issuer(home.folder).served()
    assert served is not None
    assert "192.0.2.8" in served.names
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_another_authority_is_made_only_when_asked_for(home: Home) -> None:
    certificates = home.certificates()
    await certificates.open()
    first = certificates.fingerprint()
    await certificates.renew()
    assert certificates.fingerprint() == first
    await certificates.renew(new_authority=True)
    assert certificates.fingerprint() not in (first, None)
    assert len(home.shown) == 3


async def test_a_damaged_authority_is_named_and_not_replaced(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    await home.certificates().open()
    (home.tls / "authority.key").write_text("-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n")
    certificates = home.certificates()
    with pytest.raises(StorageError, match="restore it from a backup, or make another"):
        await certificates.renew()
    await certificates.open()
    assert len(home.shown) == 2  # what was issued before is still good
    (home.tls / "server.json").write_text("{")
    await certificates.open()
    assert len(home.shown) == 2
    assert "hearth certificate renew --authority" in caplog.text


async def test_without_a_writable_folder_there_is_no_tls_and_the_log_says_why_once(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    (home.folder / ".hearth").mkdir()
    home.tls.write_text("in the way")
    certificates = home.certificates()
    await certificates.open()
    await certificates.open()
    assert home.shown == []
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1
    assert "there is no TLS" in caplog.text


@pytest.fixture
def own(tmp_path: Path, openssl: OpenSsl) -> OwnFiles:
    return _make_own(tmp_path / "mine", openssl)


def _make_own(folder: Path, openssl: OpenSsl) -> OwnFiles:
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=hub.example", "-keyout", key, "-out", certificate)  # fmt: skip
    return OwnFiles(certificate, key)


async def test_the_users_certificate_is_used_and_no_authority_is_made(home: Home, own: OwnFiles) -> None:
    certificates = home.certificates(own)
    await certificates.open()
    assert len(home.shown) == 1
    assert certificates.authority_pem() is None
    assert certificates.fingerprint() is None
    assert not home.tls.exists()


async def test_renewed_files_are_used_and_half_a_renewal_is_not(
    home: Home, own: OwnFiles, openssl: OpenSsl, caplog: pytest.LogCaptureFixture
) -> None:
    certificates = home.certificates(own)
    await certificates.open()
    fresh = _make_own(home.folder / "fresh", openssl)
    fresh.certificate.replace(own.certificate)
    await certificates.open()
    assert len(home.shown) == 1
    assert "the last one is used" in caplog.text
    fresh.key.replace(own.key)
    await certificates.open()
    assert len(home.shown) == 2


async def test_files_that_are_no_certificate_leave_the_hub_with_its_own(
    home: Home, own: OwnFiles, caplog: pytest.LogCaptureFixture
) -> None:
    own.certificate.write_text("nonsense")
    certificates = home.certificates(own)
    await certificates.open()
    assert certificates.authority_pem() is not None
    assert len(home.shown) == 1
    assert "one of the hub's own authority is used" in caplog.text


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(own: OwnFiles, openssl: OpenSsl) -> None:
    locked = own.key.with_name("locked.pem")
    openssl("pkcs8", "-topk8", "-in", own.key, "-out", locked, "-passout", "pass:secret")
    with pytest.raises(InvalidInput, match="without a password"):
        server_context(own.certificate, locked)


def test_the_names_are_this_machines_and_those_in_the_settings() -> None:
    names = certificate_names(Settings(host="0.0.0.0", server_names=("hub.example", "192.0.2.9")))  # noqa: S104
    assert {"localhost", "127.0.0.1", "::1", "hub.example", "192.0.2.9"} <= names
    assert "0.0.0.0" not in names  # noqa: S104


def test_the_settings_name_files_relative_to_the_folder(tmp_path: Path) -> None:
    text = (
        "server:\n  names: [Hub.Example, 'FD00:0::7']\n  certificate: tls/a.pem\n  key: /etc/b.pem\n  plain: [mqtt]\n"
    )
    (tmp_path / "hearth.yaml").write_text(text)
    settings = load_settings(tmp_path)
    assert settings.problems == ()
    assert settings.server_names == ("hub.example", "fd00::7")
    files = own_files(tmp_path, settings)
    assert files is not None
    assert (files.certificate, files.key) == (tmp_path / "tls" / "a.pem", Path("/etc/b.pem"))


@pytest.mark.parametrize(
    "text", ["{certificate: a.pem}", "{key: a.pem}", "{names: ['http://hub']}", "{names: [a_b]}", "{plain: mqtt}"]
)
def test_server_settings_that_are_wrong_are_named_and_the_defaults_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "hearth.yaml").write_text(f"server: {text}\n")
    settings = load_settings(tmp_path)
    assert len(settings.problems) == 1
    assert (settings.host, settings.server_names, settings.plain_protocols) == ("localhost", (), ())
