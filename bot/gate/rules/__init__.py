"""The rules, one small function each, in files by theme. ``bot/gate/table.py`` puts them in order."""
