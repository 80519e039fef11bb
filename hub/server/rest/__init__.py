"""REST, one module per group of routes."""
