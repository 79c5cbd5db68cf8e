"""What machines ask the desk: whether this process is well, whether it can serve people, and all figures.

The first two say nothing that a stranger could use. The figures need the token that the operator set.
"""

import hmac

from flask import Blueprint, Response, abort, request

from bot import metrics
from bot.desk.state import desk, now, store
from bot.errors import EarshotError
from bot.store import house as house_rows

monitoring = Blueprint("monitoring", __name__)

PLAIN = "text/plain; charset=utf-8"


@monitoring.get("/healthz")
def healthz() -> Response:
    """Whether this process itself is well: it answers, and the worker in it, if there is one, still beats.

    Never whether a platform, the database or another process is: starting this one again would mend none of them.
    """
    well = desk().alive()
    return Response(
        "ok\n" if well else "the worker in this process has stopped\n", 200 if well else 503, mimetype=PLAIN
    )


@monitoring.get("/readyz")
def readyz() -> Response:
    """Whether people can work here: the database can be read, and a configuration is in force."""
    try:
        trouble = "" if house_rows.config(store()) is not None else "no configuration is in force yet"
    except EarshotError:
        trouble = "the database cannot be read"
    return Response(f"{trouble or 'ready'}\n", 503 if trouble else 200, mimetype=PLAIN)


@monitoring.get("/metrics")
def figures() -> Response:
    """All metrics, for whoever shows the token. Without a token set, and for everybody else, this page is not there."""
    token = desk().metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode()):
        abort(404)
    return Response(metrics.exposition(store(), now()), content_type=metrics.CONTENT_TYPE)
