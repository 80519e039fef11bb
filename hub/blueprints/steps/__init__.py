"""Steps: one module per kind."""
