"""The processor time of another process, to the nanosecond; /proc/PID/stat counts in hundredths of a second."""

from __future__ import annotations

import time

_WHOLE_PROCESS = 2


def cpu_seconds(process: int) -> float:
    """Return the seconds that all threads of a running process have used (Linux; see clock_getcpuclockid(3))."""
    return time.clock_gettime(~process << 3 | _WHOLE_PROCESS)
