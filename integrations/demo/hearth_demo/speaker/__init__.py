"""The demo home's HTTP device: a speaker with a lamp, announced by zeroconf."""
