"""Conditions: one module per kind."""
