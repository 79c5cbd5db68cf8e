"""Detectors: one class a file, each looking at a text and saying what it finds. They do no I/O and know no clock."""
