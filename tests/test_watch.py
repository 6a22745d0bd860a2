"""Watching a sweep: what is stored so far as a page, on this machine alone, for as long as the sweep lasts."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from running import write_config

import sweep
from sweep.cli import main
from sweep.store import ResultsFolder
from sweep.store.locking import holder_of, lock
from sweep.watch import loop, watch, watching
from sweep.watch.look import Pace
from sweep.watch.page import page_of
from sweep.watch.server import Server

SMALL = {
    "title": "A <b>small</b> one",
    "target": {"function": "x**2", "interval": [0, 3]},
    "grid": {"learning_rate": [0.03, 0.1], "neurons": [2, 5], "epochs": [10, 20], "replicates": 3},
    "claim": [
        {
            "sentence": "0.03 is better",
            "form": "better",
            "axis": "learning_rate",
            "value": 0.03,
            "than": 0.1,
            "where": {"epochs": 20, "neurons": 5},
        }
    ],
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path / "small.toml", SMALL)
    return tmp_path / "small.toml"


@pytest.fixture
def server():
    with Server(b"the page") as running:
        yield running


def get(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read(), answer.headers


def refusal(address, **headers):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(address, **headers)
    caught.value.close()
    return caught.value.code


def test_the_page_and_what_it_shows_are_handed_out(server):
    server.show({"stored": 3})
    assert get(server.address)[:2] == (HTTPStatus.OK, b"the page")
    assert json.loads(get(f"{server.address}state")[1]) == {"version": 1, "stored": 3}


def test_what_a_browser_has_is_not_sent_again(server):
    server.show({"stored": 3})
    assert get(f"{server.address}state?have=1")[:2] == (HTTPStatus.NO_CONTENT, b"")
    server.show({"stored": 4})
    assert json.loads(get(f"{server.address}state?have=1")[1]) == {"version": 2, "stored": 4}


def test_nothing_else_is_handed_out_and_nothing_is_taken(server):
    assert refusal(f"{server.address}store.sqlite") == HTTPStatus.NOT_FOUND
    assert refusal(f"{server.address}../etc/passwd") == HTTPStatus.NOT_FOUND
    request = urllib.request.Request(server.address, data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="501") as caught:
        urllib.request.urlopen(request, timeout=10)
    caught.value.close()


def test_a_page_from_elsewhere_cannot_read_along_by_another_name_for_this_machine(server):
    assert refusal(server.address, Host="evil.example") == HTTPStatus.FORBIDDEN
    port = server.address.split(":")[-1].strip("/")
    assert get(server.address, Host=f"localhost:{port}")[0] == HTTPStatus.OK


def test_it_listens_on_the_loopback_address_and_lets_a_page_ask_nobody_else(server):
    assert server.address.startswith("http://127.0.0.1:")
    policy = get(server.address)[2]["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy


def test_it_waits_for_browsers_that_ask_and_for_no_others(server):
    server.show({"stored": 3})
    began = time.monotonic()
    server.wait_until_seen(5)
    assert time.monotonic() - began < 1
    get(f"{server.address}state?have=1")
    thread = threading.Timer(0.2, get, (f"{server.address}state",))
    thread.start()
    server.wait_until_seen(5)
    thread.join()
    assert 0.1 < time.monotonic() - began < 4


def test_the_page_has_a_title_as_text_and_asks_nothing_from_a_network():
    page = page_of("A <b>small</b> one").decode()
    assert "<title>A &lt;b&gt;small&lt;/b&gt; one</title>" in page
    assert "<script src" not in page
    assert '<link rel="stylesheet"' not in page


def watched(config, **options):
    """Start watching in a thread; return it, its address, and where the sentence about its end will be."""
    addresses, told = [], []
    thread = threading.Thread(
        target=lambda: told.append(watch(config, on_address=addresses.append, **options)), daemon=True
    )
    thread.start()
    until = time.monotonic() + 30
    while not addresses and time.monotonic() < until:
        time.sleep(0.01)
    return thread, addresses[0], told


def state_at(address, is_wanted):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        state = json.loads(get(f"{address}state")[1])
        if state and is_wanted(state):
            return state
        time.sleep(0.05)
    raise AssertionError(f"the page never showed it, but {state}")


def test_a_sweep_that_begins_later_is_shown_until_its_end(config):
    thread, address, told = watched(config)
    waiting = state_at(address, lambda _: True)
    assert (waiting["stored"], waiting["planned"], waiting["isRunning"]) == (0, 24, False)
    assert waiting["explorer"] is None
    sweep.run(config, workers=1)
    done = state_at(address, lambda state: state["stored"] == 24 and not state["isRunning"])
    assert done["hasEnded"]
    assert done["explorer"]["title"] == "A <b>small</b> one"
    assert [claim["sentence"] for claim in done["claims"]] == ["0.03 is better"]
    assert len(done["claims"][0]["verdicts"]) == 1
    thread.join(10)
    assert told == ["all 24 runs are done; the report is results/small/report.html"]


def test_what_is_complete_is_said_to_be_so_without_an_address_that_nobody_answers(config):
    addresses = []
    sweep.run(config, workers=1, report=False)
    assert watch(config, on_address=addresses.append) == "all 24 runs are done"
    sweep.run(config, workers=1)
    told = watch(config, on_address=addresses.append)
    assert told == "all 24 runs are done; the report is results/small/report.html"
    assert not addresses


def test_a_sweep_that_is_stopped_ends_the_watching_with_how_far_it_got(config):
    folder = ResultsFolder(config.parent / "results" / "small")
    folder.prepare()
    with lock(folder):
        thread, address, told = watched(config)
        state_at(address, lambda state: state["isRunning"])
    thread.join(10)
    assert told == ["the sweep has ended with 0 of 24 runs; `sweep run` goes on with it"]


def test_after_the_end_nothing_is_waited_for(config, monkeypatch):
    monkeypatch.setattr("sweep.watch.loop.SHORTEST_PAUSE", 60.0)
    folder = ResultsFolder(config.parent / "results" / "small")
    folder.prepare()
    with lock(folder):
        thread, address, told = watched(config)
        state_at(address, lambda state: state["isRunning"])
    thread.join(10)
    assert told == ["the sweep has ended with 0 of 24 runs; `sweep run` goes on with it"]


def test_who_holds_a_folder_is_known_without_its_lock(config):
    folder = ResultsFolder(config.parent / "results" / "small")
    assert holder_of(folder) is None
    folder.prepare()
    with lock(folder):
        assert holder_of(folder) is not None
    assert holder_of(folder) is None


def test_whoever_was_killed_holds_nothing_also_while_its_number_is_still_known(config):
    folder = ResultsFolder(config.parent / "results" / "small")
    folder.prepare()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = {"process": process.pid, "host": socket.gethostname(), "command": "sweep run"}

        def held_since(since):
            folder.owner.write_text(json.dumps({**owner, "since": since.isoformat(timespec="seconds")}))
            return holder_of(folder) is not None

        now = datetime.now().astimezone()
        assert held_since(now)
        assert not held_since(now - timedelta(minutes=1))  # before that process began: it is another one
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not held_since(now)  # nobody has asked for its exit code yet


def test_a_browser_that_is_gone_before_its_answer_leaves_no_traceback(capfd):
    with Server(b"x" * 20_000_000) as server:
        port = int(server.address.split(":")[-1].strip("/"))
        with socket.create_connection(("127.0.0.1", port)) as browser:
            browser.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            browser.recv(10)
        time.sleep(0.3)
    assert capfd.readouterr().err == ""


def test_a_look_on_a_busy_machine_counts_by_the_time_that_it_computed(config, monkeypatch):
    pauses = []

    def looked_slowly(*arguments, **options):
        time.sleep(0.3)
        return state_of(*arguments, **options)

    def pause(*arguments, **_):
        pauses.append(arguments[1])
        raise KeyboardInterrupt

    state_of = loop.state_of
    monkeypatch.setattr(loop, "state_of", looked_slowly)
    monkeypatch.setattr(loop, "_pause", pause)
    with pytest.raises(KeyboardInterrupt):
        watch(config, on_address=lambda _: None)
    assert pauses[0] < 0.3 / loop.SHARE - 0.3


def test_a_port_that_is_taken_is_told_with_the_remedy(config, server):
    port = int(server.address.split(":")[-1].strip("/"))
    with pytest.raises(sweep.SweepError, match=f"port {port} cannot be used: .* Choose another by --port"):
        watch(config, port=port, on_address=lambda _: None)


def test_the_time_left_is_known_after_some_progress():
    assert Pace().seconds_left(10, 100) is None
    pace = Pace(began=time.monotonic() - 100, stored_then=10)
    assert pace.seconds_left(20, 100) == pytest.approx(800, rel=0.1)


def test_a_sweep_is_shown_by_a_process_of_its_own_which_ends_with_it(config, capfd):
    folder = ResultsFolder(config.parent / "results" / "small")
    folder.prepare()
    told, until = "", time.monotonic() + 60
    with watching(config), lock(folder):
        while "\n" not in told and time.monotonic() < until:
            time.sleep(0.05)
            told += capfd.readouterr().out
        assert told.startswith("watch it at http://127.0.0.1:")
        state_at(told.split()[-1], lambda state: state["isRunning"])
    assert "the sweep has ended with 0 of 24 runs" in capfd.readouterr().out


def test_a_run_with_watch_is_as_one_without(config):
    with pytest.raises(SystemExit) as ended:
        main(["run", str(config), "--workers", "1", "--watch"])
    assert not ended.value.code
    assert sweep.load(config).is_complete
