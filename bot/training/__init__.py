"""How the shipped weights are made and measured. Only making needs the extra ``train``; the worker needs none of it."""
