"""Which command stands where: a static table, imported when a command is asked for, so that help comes at once."""

from collections.abc import Mapping
from importlib import import_module

import click

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Begin": {
        "demo": ("bot.cli.running:demo", "Start everything over sample posts, with two people to sign in as."),
        "sandbox": (
            "bot.cli.sandbox:sandbox",
            "Start a house for practice over sample posts: a red frame, and nothing leaves.",
        ),
        "init": ("bot.cli.setup:init", "Write a valid configuration, make the keys, create the database."),
        "check": ("bot.cli.setup:check", "Report every fault of the configuration at once."),
        "try": ("bot.cli.trying:try_", "Show what a text would do: watches, findings, lane, draft."),
    },
    "Connect": {
        "connect": (
            "bot.cli.connecting:connect",
            "Say what a platform needs, ask for its credentials, test and store them.",
        ),
        "doctor": ("bot.cli.connecting:doctor", "Look at every connection without sending anything."),
    },
    "Run": {
        "run": ("bot.cli.running:run", "Start worker and desk in one process."),
        "worker": ("bot.cli.working:worker", "Start only the worker: it listens, assesses and sends."),
        "desk": ("bot.cli.desking:desk", "Start only the desk."),
        "status": ("bot.cli.listening:status", "Say how worker, ledger, sources and lanes are doing."),
        "health": (
            "bot.cli.monitoring:health",
            "Say whether the worker and the desk are alive: 0 if they are, 1 if not.",
        ),
        "metrics": ("bot.cli.monitoring:metrics", "Print all figures in Prometheus' text format."),
    },
    "Listen": {
        "ingest": ("bot.cli.listening:ingest", "Poll every source once and assess what came."),
        "replay": ("bot.cli.listening:replay", "Take every public post of a JSONL file into the queue at full pace."),
    },
    "Answer": {
        "approve": ("bot.cli.cases:approve", "Show a case with its gate, and approve the exact text."),
        "gate": (
            "bot.cli.gate:gate",
            "Show what the gate says about a case's reply: every rule with its answer and what it rests on.",
        ),
        "retract": ("bot.cli.cases:retract", "Take back our own published reply."),
        "stop": ("bot.cli.cases:stop", "Stop everything that goes out, at once."),
    },
    "Detect": {
        "evaluate": ("bot.cli.evaluating:evaluate", "Show how well a detector does on labelled posts."),
        "train": ("bot.cli.training:train", "Make the detectors' weights anew, or check that they come out again."),
    },
    "Keep house": {
        "user": ("bot.cli.users:user_", "The people who may sign in."),
        "keys": ("bot.cli.keys:keys", "The house's own keys: exchange one for a fresh one."),
        "ledger": ("bot.cli.ledger:ledger", "The tamper-evident record of every decision."),
        "pages": (
            "bot.cli.pages:pages",
            'Write "How this account works" and "Check the record" for the brand\'s own website.',
        ),
        "annex": (
            "bot.cli.annex:annex",
            "Print the works-agreement annex: each field about staff, its purpose, who sees it, how long.",
        ),
        "evidence": ("bot.cli.evidence:evidence", "Evidence of threats and offences: take, list, hand over, verify."),
        "hold": ("bot.cli.holds:hold", "Legal holds: which cases are kept as evidence, by whom, until when."),
        "pseudonym": (
            "bot.cli.naming:pseudonym",
            "Names behind pseudonyms of the ledger: two people together open one.",
        ),
        "report": (
            "bot.cli.reporting:report",
            "Sums for the safety board and the works council, never by person.",
        ),
        "ladder": ("bot.cli.ladder:ladder", "List authors after their third warning, and the reviews that are due."),
        "hotlines": ("bot.cli.hotlines:hotlines", "The numbers that may leave in a crisis, and who confirmed them."),
        "person": ("bot.cli.person:person_", "What is held of one person: show, export, erase."),
        "backup": ("bot.cli.backup:backup", "Write everything to FILE while Earshot runs."),
        "restore": ("bot.cli.backup:restore", "Put the backup in FILE into force; nothing may run meanwhile."),
        "migrate": ("bot.cli.setup:migrate", "Create the database, or bring it to this version's schema."),
    },
}
"""Section -> command -> where it is, and what it does in one line."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    name: known for section in SECTIONS.values() for name, known in section.items()
}


class Table(click.Group):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, imported now; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """The list in ``--help``, without importing any of them."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<8}", line) for name, (_, line) in section.items()])
