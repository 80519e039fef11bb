"""The models of a hub: where they are, how they come there, and what they are worth on this machine."""

from hub.inference.library.store import MODELS_FOLDER, Incoming, Model, ModelStore, configured

__all__ = ["MODELS_FOLDER", "Incoming", "Model", "ModelStore", "configured"]
