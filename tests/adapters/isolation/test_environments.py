"""An integration in an environment of its own: another interpreter, other libraries."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

import pytest

from hub.adapters.interfaces import EntityCall
from hub.cli.main import main
from hub.core.clock import SystemClock
from hub.errors import ManifestError, NotFound
from hub.plugins.isolation import Isolation
from hub.plugins.manager import Plugins
from hub.plugins.records import Status
from hub.testing import MemoryHome
from tests.adapters.isolation.conftest import PACKAGES

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment in which hearth-hub and the wild integration are installed, the latter nowhere else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True, with_pip=False)
    site = next(folder.glob("lib/python3*/site-packages"))
    libraries = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    (site / "libraries.pth").write_text("\n".join(libraries))
    shutil.copytree(PACKAGES / "wild", site / "wild", ignore=shutil.ignore_patterns("__pycache__"))
    about = site / "wild-1.0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wild\nVersion: 1.0.0\n")
    (about / "entry_points.txt").write_text("[hearth.integrations]\nwild = wild\n")
    return folder


async def test_it_runs_there_though_the_hub_has_it_not(environment: Path) -> None:
    python = str(environment / "bin" / "python")
    plugins = Plugins([], isolation=Isolation(SystemClock()))
    async with MemoryHome().running() as home:
        entry = home.configure("wild", {"name": "there"}, isolated={"python": python}, plugins=plugins)
        await home.until(lambda: (state := home.state_of("lamp")) is not None and state.state == "off")
        actuator = home.supervisor.actuator(entry.entry_id)
        assert actuator is not None
        told = await actuator.execute(EntityCall(action="wild.do", data={"what": "pid", "number": 0}))
        assert told is not None
        assert told["prefix"] == str(environment)
        assert plugins.get("wild").status is Status.LOADED
        integration = plugins.load("wild")
        assert integration is not None
        assert integration.probe is not None
        assert (await integration.probe({"name": "asked there too"})).title == "asked there too"
        assert "wild" not in sys.modules


def test_what_is_not_installed_there_is_not_found(environment: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Expected the integration tame in the environment of"):
        Plugins([]).find("tame", str(environment / "bin" / "python"))
    with pytest.raises(NotFound):
        Plugins([]).find("wild", str(tmp_path / "bin" / "python"))


def test_the_configuration_is_checked_without_importing_what_is_elsewhere(
    environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "integrations:\n  wild:\n    isolated: {python: %s}\n"
    (tmp_path / "hearth.yaml").write_text(settings % (environment / "bin" / "python"))
    assert main(["check", "--config", str(tmp_path)]) == 0
    (tmp_path / "hearth.yaml").write_text(settings % sys.executable)
    assert main(["check", "--config", str(tmp_path)]) == 1
    assert "Expected the integration wild in the environment of" in capsys.readouterr().out


def test_a_package_without_its_files_there_says_so(environment: Path, tmp_path: Path) -> None:
    copy = tmp_path / "environment"
    site = copy / "lib" / "python3.11" / "site-packages"
    shutil.copytree(
        next(environment.glob("lib/python3*/site-packages/wild-1.0.0.dist-info")), site / "wild-1.0.0.dist-info"
    )
    with pytest.raises(ManifestError, match="not as editable"):
        Plugins([]).find("wild", str(copy / "bin" / "python"))
