"""Evidence of threats and offences (rules E-07, E-08, P-13): preserved before anything is hidden or reported.

``acts`` is what people ask for, ``work`` the worker's step that takes a bundle, made of what ``capture`` finds,
``report`` and ``picture`` show and ``bundle`` seals; ``shelf`` keeps the files, ``verify`` judges one anywhere.
"""
