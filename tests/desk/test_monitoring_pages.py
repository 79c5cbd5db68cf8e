"""What machines ask the desk: red only for this process's own illness, and no figure without the token."""

import socket
import sqlite3

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.desk.serve import Server
from bot.errors import StoreBusy
from bot.store import sources
from bot.store.db import Store

TOKEN = "kanarie-figures-5512"


@pytest.fixture
def machine(desk):
    """Something that asks by an address of its own choice and has no session."""
    return desk.app(metrics_token=TOKEN).test_client()


def ask(machine, path, **headers):
    return machine.get(path, headers={"Host": "10.1.2.3:8000", **headers})


def test_health_and_readiness_are_open_to_any_machine_by_any_name_and_say_nothing_else(machine):
    for path, word in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = ask(machine, path)
        assert (answer.status_code, answer.text.strip()) == (200, word)
        assert answer.mimetype == "text/plain"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert ask(machine, "/").status_code == 400, "people still need a name that is ours"


def test_a_platform_that_is_down_a_silent_worker_and_a_stop_are_no_illness_of_the_desk(desk, machine, clock):
    with desk.stores().write() as tx:
        for row in sources.every(tx):
            sources.failed(tx, row["name"], "The platform answered 500.", at=clock.now(), wait_until=0)
        tx.run("UPDATE health SET heartbeat_at = 0, ledger_ok = 0")
    assert ask(machine, "/healthz").status_code == 200
    assert ask(machine, "/readyz").status_code == 200


def test_a_worker_in_the_same_process_that_stopped_is_an_illness(desk):
    well = [True]
    machine = desk.app(alive=lambda: well[0]).test_client()
    assert ask(machine, "/healthz").status_code == 200
    well[0] = False
    answer = ask(machine, "/healthz")
    assert (answer.status_code, answer.text) == (503, "the worker in this process has stopped\n")


def test_without_a_readable_database_the_desk_is_well_but_not_ready(desk, machine, monkeypatch):
    def busy(self, sql, **params):
        raise StoreBusy("x")

    monkeypatch.setattr(Store, "row", busy)
    assert ask(machine, "/healthz").status_code == 200
    answer = ask(machine, "/readyz")
    assert (answer.status_code, answer.text) == (503, "the database cannot be read\n")


def test_before_the_first_configuration_the_desk_is_not_ready(desk, machine):
    connection = sqlite3.connect(desk.stores().path, isolation_level=None)
    connection.execute("DELETE FROM config_versions")
    connection.close()
    answer = ask(machine, "/readyz")
    assert (answer.status_code, answer.text) == (503, "no configuration is in force yet\n")


def test_the_figures_need_the_token(machine):
    answer = ask(machine, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"earshot_cases", "earshot_posts", "earshot_worker_heartbeat_age_seconds"} <= names


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer \xff"]
)
def test_whoever_does_not_show_it_finds_no_such_page_also_on_the_same_machine(machine, header):
    headers = {} if header is None else {"Authorization": header}
    for host in ("127.0.0.1", "localhost", "10.1.2.3"):
        answer = machine.get("/metrics", headers={**headers, "Host": host})
        assert answer.status_code == 404
        assert "earshot_" not in answer.text


def test_without_a_token_set_nobody_reads_the_figures(desk, alice):
    machine = desk.app().test_client()
    for header in ("", "Bearer ", "Bearer x"):
        assert ask(machine, "/metrics", Authorization=header).status_code == 404
    assert alice.get("/metrics").status_code == 404, "nor does a colleague"


def test_no_address_that_looks_like_one_of_these_opens_another_room(machine):
    for path in ("/healthz/../", "/healthz/", "/metrics/..", "//healthz", "/readyz?next=/"):
        answer = ask(machine, path)
        assert answer.status_code in {200, 400, 404}, path
        assert "<form" not in answer.text


def test_a_real_server_answers_a_machine_that_speaks_old_http(desk):
    server = Server(desk.app(), "127.0.0.1", 0)
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), 10) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200" in line.makefile("rb").readline()
    finally:
        server.stop()
