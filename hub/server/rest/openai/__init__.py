"""The API that OpenAI's clients speak, ``/v1``: one module per group of routes, and what they share."""
