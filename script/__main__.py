"""What script/run, test, check and bench do. Standard library only: nothing is installed yet."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an old .venv may be what runs this
    sys.exit(
        f"Expected Python 3.11 or newer, got {sys.version.split()[0]} from {sys.executable}.\n"
        "If that is an old .venv of this folder, remove the .venv and run this again."
    )

from bootstrap.commands import main

sys.exit(main(sys.argv[1:]))
