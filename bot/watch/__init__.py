"""The keyword language of the watches: fold, parse, compile, match, explain. Pure: no I/O, no clock, no log."""
