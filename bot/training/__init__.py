"""How the shipped weights are made and measured. Needs the extra ``train``; nothing here runs beside the worker."""
