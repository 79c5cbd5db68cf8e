"""The two pages that everybody may read without signing in: how this account works, and how to check its record."""

from flask import Blueprint

from bot.desk.public import links_here, rendered

public = Blueprint("public", __name__)


@public.get("/about-this-account")
def about() -> str:
    """How this account works, from the configuration in force."""
    return rendered("about", links_here("about"))


@public.get("/verify")
def verify() -> str:
    """How to check a checkpoint or an export of the ledger."""
    return rendered("verify", links_here("verify"))
