"""Flask-Babel's functions with their types said, so that words stay plain strings everywhere else."""

import flask_babel


def _(message: str, **values: object) -> str:
    """The sentence in the reader's language, with its values filled in."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """The sentence for one or for many; ``%(num)s`` is the number."""
    return str(flask_babel.ngettext(one, many, num))


def lazy_gettext(message: str) -> str:
    """A sentence that is put into the reader's language when it is shown."""
    lazy: str = flask_babel.lazy_gettext(message)
    return lazy
