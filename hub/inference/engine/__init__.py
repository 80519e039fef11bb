"""The engine: what runs a model inside the worker process."""
