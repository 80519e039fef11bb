"""Triggers: one module per kind."""
