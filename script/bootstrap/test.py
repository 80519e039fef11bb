"""script/test: set everything up, then become pytest."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bootstrap.handover import become
from bootstrap.paths import PYTHON, ROOT
from bootstrap.setup import TO_DEVELOP, prepare

HELP = """\
script/test [--long] [options of pytest]

Sets Hearth up in this folder, then runs the tests of the hub and of its integrations, in random order, the files side by
side on the processors that there are.

  script/test                         everything but the tests marked `long`
  script/test --long                  those too
  script/test tests/core -x           one folder, until the first failure
  script/test -n 0 --pdb              one after another, in this terminal
  script/test -p no:randomly          in the order of the files

Tests that need a program which is not installed (mosquitto, chromium, Home Assistant) are skipped, and say how to
install it.
HEARTH_REQUIRE_PEERS=1     let them fail instead, as .ci/run does"""

BOTH_TIERS = ["-m", ""]
SIDE_BY_SIDE = ["-n", "auto", "--dist", "loadfile"]
"""A file's tests stay together: many share a hub, a broker or a Home Assistant that takes seconds to start."""


def main(arguments: Sequence[str]) -> int:
    prepare(TO_DEVELOP)
    tier = BOTH_TIERS if "--long" in arguments else []
    os.chdir(ROOT)
    become(PYTHON, "-m", "pytest", *tier, *SIDE_BY_SIDE, *(word for word in arguments if word != "--long"))
