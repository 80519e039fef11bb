"""Integrations in processes of their own: what they do wrong stays there.

``adapter`` is the hub's end of a config entry's process, ``child`` what runs in it; ``inquiry`` asks an integration's code
what it offers or thinks of a form, in a process that ends with the answer. ``link``, ``frames``, ``values`` and
``failures`` are how both talk.
"""

from hub.adapters.isolation.adapter import IsolatedAdapter
from hub.adapters.isolation.inquiry import Inquiry
from hub.adapters.isolation.limits import Limits
from hub.adapters.isolation.offer import Offer, Refusal
from hub.adapters.isolation.process import Launch

__all__ = ["Inquiry", "IsolatedAdapter", "Launch", "Limits", "Offer", "Refusal"]
