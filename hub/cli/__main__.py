"""``python -m hub.cli``: the same as ``hearth``."""

import sys

from hub.cli.main import main

sys.exit(main())
