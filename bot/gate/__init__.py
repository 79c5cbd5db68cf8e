"""The consent gate: says, rule by rule, whether one text may be published as a reply to one public post.

Pure: no network, no clock, no database. It owns the rules, their thresholds (``ruleset.toml``), their
sentences and the only door through which a ``Consent`` is made (``mint``). It must not fetch or store.
"""
