"""The history database: states, events and runs."""

from hub.recorder.recorder import DATABASE_REPLACED, RecordedHistory, RecordedRuns, Recorder
from hub.recorder.settings import RecorderSettings

__all__ = ["DATABASE_REPLACED", "RecordedHistory", "RecordedRuns", "Recorder", "RecorderSettings"]
