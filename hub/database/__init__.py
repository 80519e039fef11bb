"""What everything that stores rows stands on: a file, its thread, its schema."""

from hub.database.bulk import BulkInsert
from hub.database.database import Database, Work
from hub.database.faults import is_about_data
from hub.database.replaceable import ReplaceableDatabase
from hub.database.schema import Schema, Upgrade
from hub.database.uninterrupted import uninterrupted

__all__ = [
    "BulkInsert",
    "Database",
    "ReplaceableDatabase",
    "Schema",
    "Upgrade",
    "Work",
    "is_about_data",
    "uninterrupted",
]
