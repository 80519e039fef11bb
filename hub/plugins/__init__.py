"""Finding and loading integrations: hook specifications, the manager, the records of what is installed."""
