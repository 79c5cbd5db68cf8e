"""Terms that a watch must not hold: other people's handles, and words of politics, unions and protest (P-02). Pure.

No list knows every name of a person. What is refused here is what can be told for sure; the rest is said in the
privacy runbook. The rule comes from X's restricted uses (sources X4 and X6) and holds everywhere.
"""

import re
from collections.abc import Iterator

from bot.config.models import Brand, TermRow, WatchModel

_NAMED = """
    cdu csu spd fdp afd bsw npd grünen linkspartei freie_wähler bündnis_90 die_linke piratenpartei
    labour_party tories ukip lib_dems republicans democrats conservatives
    gewerkschaft gewerkschaften betriebsrat betriebsräte personalrat ver.di verdi ig_metall dgb evg gdl beamtenbund
    trade_union trade_unions labor_union works_council picket pickets
    protest proteste protestieren demonstration demonstranten kundgebung antifa pegida letzte_generation
    fridays_for_future extinction_rebellion protests protesters demonstrators rally
    """
_WORDS = frozenset(_NAMED.split())
"""Lower case, "_" for a space. "Streik" is none of them: it stops trains and parcels, whoever strikes."""
_PART = re.compile(r"[^\W_]+")
_LEAST = 3
"""Letters from which a word of the brand inside a handle makes it one of the brand's own names."""


def refused(watch: WatchModel, brand: Brand | None) -> Iterator[tuple[TermRow, str]]:
    """Every term that must not be listened for, with what to do about it. Terms that stop a watch may be anything."""
    for row in (*watch.any, *(row for group in watch.all for row in group)):
        word = row.text.strip("*=#").casefold()
        if word.replace(" ", "_") in _WORDS:
            yield (
                row,
                (
                    f"'{row.text}' listens for politics, unions or protest (rule P-02). "
                    "Write what people say about your service instead, or stop a watch with it: ~."
                ),
            )
        elif word.startswith("@") and brand is not None and not _ours(word, brand):
            yield (
                row,
                (
                    f"'{row.text}' is not a handle of the brand (rule P-02): nobody is watched as a person. "
                    "Remove it, or add the account to brand.yaml if it is ours."
                ),
            )


def _ours(handle: str, brand: Brand) -> bool:
    own = [account.handle for accounts in brand.accounts.values() for account in accounts]
    names = (brand.name, *brand.names, *brand.products, *own)
    known = {part.casefold() for name in names for part in _PART.findall(name)}
    parts = _PART.findall(handle)
    return not known.isdisjoint(parts) or any(len(word) >= _LEAST and word in "".join(parts) for word in known)
