"""How long X takes a text to be: its published weights, not the number of characters. Pure."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 280
"""Most units of a post. Paying accounts may write more; nobody has to read that."""

_ADDRESS: Final = 23
_HEAVY: Final = 2
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh one unit; all others weigh two."""

# An address without "https://" is one only below a known top-level domain: these countries, and these names.
_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc "
    "cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb "
    "gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke "
    "kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu "
    "mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw "
    "sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz "
    "ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_NAMES = (
    "aero app asia bayern berlin biz blog cat cloud club cologne com coop dev digital edu email gmbh gov hamburg help "
    "info int jobs koeln live mil mobi museum name net news nrw online org page post pro ruhr saarland shop site store "
    "support swiss tel tirol travel wien wiki xxx xyz"
)
_KNOWN = "|".join(sorted(f"{_COUNTRIES} {_NAMES}".split(), key=len, reverse=True))
_LABELS = r"(?:[0-9A-Za-z\u00c0-\u024f_-]++\.)+"
_WRITTEN = r"[!#-;=?-~\u00c0-\u024f\u0400-\u04ff]*[\w=#/+~&%-]"
_REST = rf"(?![0-9A-Za-z@+-])(?::\d+)?(?:/(?:{_WRITTEN})?)?(?:\?(?:{_WRITTEN})?)?"
_URL = (
    r"(?<![A-Za-z0-9@\uff20$#\uff03\u202a-\u202e])"
    rf"(?:https?://{_LABELS}[a-z\u00c0-\u024f-]{{2,}}|(?<![-_./]){_LABELS}(?:{_KNOWN})){_REST}"
)

_PICTURE = (
    r"(?:[\u00a9\u00ae]\ufe0f|[\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    r"\u3297\u3299\U0001f000-\U0001faff])\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d{_PICTURE})*"
_WHOLE = re.compile(f"(?P<address>{_URL})|(?P<emoji>{_EMOJI})", re.IGNORECASE)


def weighted_length(text: str) -> int:
    """Units of ``text`` as X counts them; a post has ``LONGEST`` at most.

    The text is composed first (NFC). Every address counts 23, every emoji 2 whatever it is made of, letters of the
    alphabets up to Georgian 1 and everything else, such as Chinese, 2.
    """
    text = unicodedata.normalize("NFC", text)
    units, read = 0, 0
    for found in _WHOLE.finditer(text):
        units += _plain(text[read : found.start()]) + (_ADDRESS if found["address"] else _HEAVY)
        read = found.end()
    return units + _plain(text[read:])


def _plain(text: str) -> int:
    return sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else _HEAVY for sign in text)
