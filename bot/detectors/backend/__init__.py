"""Foreign classifiers for the heads: an operator names a local model, a process of its own runs it.

The only part of the detectors that reads files and starts something, both at the start and by the operator's
order. It never speaks to a network, and never reads a file that could run code.
"""
