"""Earshot hears what people say about a brand in public, and answers in public."""

__version__ = "0.1.0"
