"""Adapters: the interfaces of integrations, and what runs, supervises and addresses them."""
