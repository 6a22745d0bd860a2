"""Whole sweeps on a Dask cluster: the tables of one machine to the bit, and one line for whatever is wrong."""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import distributed
import pytest
from cluster.clusters import SECONDS, Killer, at_most, client_of, kept_cluster, local_cluster, marks, shell
from running import saved, seconds_until, start, write_config
from running import sweep as command

import sweep
from sweep.dispatch.cluster import code_archive, crew
from sweep.dispatch.cluster.brief import brief_of
from sweep.errors import InputError
from sweep.store import ResultsFolder
from sweep.store.surroundings import read_surroundings

pytestmark = marks

NETWORK = {
    "target": {"function": "x**2", "interval": [0, 3]},
    "training": {"epochs": 20, "batch_size": 3},
    "grid": {
        "neurons": {"linear": [2, 41], "num": 40},
        "init_range": [0.3, 0.5],
        "learning_rate": [0.03, 0.1],
        "replicates": 3,
    },
}
"""In forty batches, since the number of neurons is the same in each."""

OWN = {
    "function": {"call": "mine.py:train", "metrics": {"error": "lower"}},
    "grid": {"rate": {"log": [0.001, 1.0], "num": 10}, "epochs": [5, 10], "replicates": 20},
}

MINE = """
import random, time
from parts.noise import noise

def train(rate, *, seed):
    chance = random.Random(seed)
    x = 1.0
    while True:
        time.sleep(0.001)
        x -= rate * (2 * x + noise(chance))
        yield {"error": abs(x)}
"""

LONG = """
import os, time

def train(rate, *, folder):
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(1000 if rate else 0)
    return rate
"""

NOISE = "def noise(chance):\n    return chance.gauss(0, 1)\n"


@pytest.fixture(scope="module")
def keeper():
    with kept_cluster() as it:
        yield it


@pytest.fixture
def client(keeper):
    with at_most(), client_of(keeper.cluster) as client:
        seconds_until(lambda: len(keeper.up()) == 2, at_most=60)
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two configs, and what an undisturbed run on this machine gives for them."""
    folder = tmp_path_factory.mktemp("sweeps")
    write_config(folder / "network.toml", NETWORK)
    write_config(folder / "own.toml", OWN)
    (folder / "mine.py").write_text(MINE, encoding="utf-8")
    (folder / "parts").mkdir()
    (folder / "parts" / "noise.py").write_text(NOISE, encoding="utf-8")
    for name in ("network", "own"):
        sweep.run(folder / f"{name}.toml", results=folder / "here" / name, report=False)
    return folder


@pytest.mark.parametrize(
    ("name", "kills"),
    [("network", 20), ("own", 20)],
)
def test_the_tables_are_those_of_one_machine_however_many_workers_are_killed(
    name, kills, folder, keeper, client, tmp_path, monkeypatch
):
    monkeypatch.setattr(crew, "SECONDS_TO_SAY", SECONDS)  # that it waits for workers, on a busy machine
    killer = Killer(keeper, times=kills, runs=15)
    found = sweep.run(
        folder / f"{name}.toml", client=client, results=tmp_path / "there", report=False, reporter=killer
    )
    assert killer.n_kills == kills
    assert found.messages == ()
    assert saved(tmp_path / "there") == saved(folder / "here" / name)
    there, here = (ResultsFolder(place) for place in (tmp_path / "there", folder / "here" / name))
    assert read_surroundings(there) == read_surroundings(here)


def test_a_function_at_hand_is_trained_there_too(client, tmp_path):
    def train(rate, *, seed):
        return seed * rate

    axes = {"grid": {"rate": [0.5, 2.0]}, "metrics": {"error": "lower"}, "replicates": 2, "report": False}
    there = sweep.run(train, client=client, results=tmp_path / "there", **axes)
    here = sweep.run(train, results=tmp_path / "here", **axes)
    assert there.cells.equals(here.cells)


def test_files_of_runs_are_in_the_folder_of_the_results_that_all_see(client, tmp_path):
    def train(rate, *, folder):
        (folder / "note.txt").write_text(str(rate))
        return rate

    results = tmp_path / "results"
    sweep.run(
        train, client=client, grid={"rate": [1.0, 2.0]}, metrics={"e": "lower"}, results=results, report=False
    )
    assert sorted(path.read_text() for path in results.rglob("note.txt")) == ["1.0", "2.0"]


def test_a_plan_says_how_many_threads_there_are_now(folder, client):
    preview = sweep.preview(folder / "own.toml", client=client, results=folder / "planned")
    assert f"on 2 threads of 2 workers of the cluster {client.scheduler.address}" in str(preview)
    assert preview.workers == 2
    told = command("plan", folder, "--scheduler", client.scheduler.address)
    assert f"Times are those on 2 threads of 2 workers of the cluster {client.scheduler.address}." in told


def test_what_is_no_client_is_told(folder, keeper, client):
    config = folder / "network.toml"
    with pytest.raises(
        InputError,
        match=r"`client` must be a dask.distributed.Client \(of an address or a cluster\) that is not",
    ):
        sweep.run(config, client="tcp://127.0.0.1:8786")
    with pytest.raises(InputError, match="`workers` are those of this machine, and a cluster has its own"):
        sweep.run(config, client=client, workers=2)
    closed = distributed.Client(keeper.cluster, set_as_default=False)
    closed.close()
    with pytest.raises(InputError, match="`client` is closed: make another one"):
        sweep.run(config, client=closed)


def test_without_dask_the_option_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = command("run", folder / "network.toml", "--scheduler", "tcp://127.0.0.1:8786", code=2)
    assert told == "Error: --scheduler needs Dask, which is not installed: pip install 'sweep[dask]'\n"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "the address of a scheduler is empty: write one such as tcp://HOST:8786"),
        ("foo://here:1", "foo://here:1 is no address of a scheduler, such as tcp://HOST:8786"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1 needs certificates: name them in Dask's configuration"),
        (
            "tcp://1.1.1.1:99999",
            "tcp://1.1.1.1:99999 is no address of a scheduler, such as tcp://HOST:8786: no such",
        ),
        (
            "tcp://nowhere.invalid:1",
            "no Dask scheduler answers at tcp://nowhere.invalid:1: nobody knows where nowhere",
        ),
        ("tcp://127.0.0.1:1", "no Dask scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_what_is_wrong_with_an_address_is_one_line(address, told, folder, monkeypatch):
    monkeypatch.setattr("sweep.dispatch.cluster.connection.SECONDS_TO_CONNECT", 0.5)
    printed = command("run", folder / "network.toml", "--scheduler", address, code=None)
    assert printed.startswith(f"Error: {told}")
    assert printed.count("\n") == 1


def test_what_travels_is_the_code_without_results_environments_and_data(tmp_path, monkeypatch):
    for name in (
        "a.py",
        "b/c.py",
        "results/d.csv",
        ".git/e",
        "mine/pyvenv.cfg",
        "mine/f.py",
        "env/g.py",
        "words.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "data.bin").write_bytes(bytes(code_archive.LARGEST_FILE + 1))
    (tmp_path / os.fsdecode(b"no\xfftext.py")).write_text("")
    (tmp_path / "linked").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "back").symlink_to(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "h.csv").write_text("")
    (tmp_path / "more").symlink_to(tmp_path / "data")
    (tmp_path / "a.py").write_text("import numpy, json\n")
    archive = code_archive.pack(tmp_path)
    assert (archive.packages, archive.too_large) == (("numpy",), ("data.bin",))
    assert sorted(code_archive.contents(archive.packed)) == sorted(
        ["a.py", "b/c.py", "data/h.csv", "env/g.py", "linked/c.py", "words.txt"]
    )
    assert archive == code_archive.pack(tmp_path)
    monkeypatch.setattr(code_archive, "MOST_FILES", 2)
    with pytest.raises(InputError, match="give the function and its config a folder of their own"):
        code_archive.pack(tmp_path)


def test_a_scheduler_that_is_lost_ends_the_sweep_with_a_line_and_the_same_command_goes_on(
    folder, client, tmp_path
):
    arguments = ("run", folder / "own.toml", "--results", tmp_path / "there", "--no-report")
    with shell("scheduler", "--port", "0", "--no-dashboard", cwd=tmp_path, says="Scheduler at:") as scheduler:
        address = next(tmp_path.glob("scheduler-*.log")).read_text().partition("Scheduler at:")[2].split()[0]
        with shell("worker", address, "--no-nanny", "--no-dashboard", cwd=tmp_path, says="Registered to:"):
            running = start(*arguments, "--scheduler", address, cwd=tmp_path)
            store = tmp_path / "there" / "store.sqlite"
            seconds_until(lambda: store.exists() and _n_stored(folder, tmp_path) > 0, at_most=30)
            scheduler.send_signal(signal.SIGKILL)
            out, err = running.communicate(timeout=20)
    n_stored = _n_stored(folder, tmp_path)
    assert (running.returncode, out) == (1, "")
    assert err == (
        f"Error: the Dask scheduler {address} is lost: what had finished is stored; once it runs again, the same "
        "command goes on\n"
    )
    assert 0 < n_stored < 400
    command(*arguments, "--scheduler", client.scheduler.address)
    assert saved(tmp_path / "there") == saved(folder / "here" / "own")


def test_when_the_scheduler_is_lost_a_long_run_ends_on_its_worker(tmp_path):
    write_config(
        tmp_path / "long.toml",
        {"function": {"call": "long.py:train", "metrics": {"e": "lower"}}, "grid": {"rate": [1.0]}},
    )
    (tmp_path / "long.py").write_text(LONG)
    with shell("scheduler", "--port", "0", "--no-dashboard", cwd=tmp_path, says="Scheduler at:") as scheduler:
        address = next(tmp_path.glob("scheduler-*.log")).read_text().partition("Scheduler at:")[2].split()[0]
        with shell("worker", address, "--no-nanny", "--no-dashboard", cwd=tmp_path, says="Registered to:"):
            running = start("run", "long.toml", "--scheduler", address, cwd=tmp_path)
            seconds_until(lambda: pids_in(tmp_path), at_most=30)
            (pid,) = pids_in(tmp_path)
            scheduler.send_signal(signal.SIGKILL)
            seconds_until(lambda: not Path(f"/proc/{pid}").exists(), at_most=20)
            running.communicate(timeout=20)


def test_a_port_that_says_nothing_is_told_in_a_line(folder, monkeypatch):
    monkeypatch.setattr("sweep.dispatch.cluster.connection.SECONDS_TO_CONNECT", 0.5)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = "tcp://{}:{}".format(*mute.getsockname())
        told = command("run", folder / "network.toml", "--scheduler", address, code=1)
    assert told.startswith(
        f"Error: no Dask scheduler answers at {address} (it has said nothing for 0.5 s): start one"
    )


def test_a_certificate_that_is_not_there_is_named(folder, tmp_path):
    import dask

    with dask.config.set({"distributed.comm.tls.ca-file": str(tmp_path / "ca.pem")}):
        told = command("run", folder / "network.toml", "--scheduler", "tls://127.0.0.1:1", code=2)
    file = tmp_path / "ca.pem"
    assert (
        told
        == f"Error: {file} is not there, which Dask's configuration names as distributed.comm.tls.ca-file\n"
    )


def test_what_helpers_beside_the_function_import_has_to_be_the_same_on_a_worker(folder, tmp_path):
    for name in ("own.toml", "mine.py", "parts/noise.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "parts" / "more.py").write_text("import scipy.stats, no_such_thing\n")
    (tmp_path / "large.npy").write_bytes(bytes(1_000_001))
    told = []
    training = sweep.load(tmp_path / "own.toml", results=tmp_path / "none").plan.training
    assert brief_of(training, (), None, tell=told.append).packages == ("parts", "scipy")
    assert told == [
        "large.npy beside the code, over 1 MB, does not travel to the workers: where a run reads data, name them by an "
        "absolute path that all machines see"
    ]


def _n_stored(folder, tmp_path):
    return sweep.load(folder / "own.toml", results=tmp_path / "there").n_stored


def pids_in(folder):
    return [int(path.read_text() or 0) for path in folder.rglob("pid")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_stops_a_sweep_or_kills_it_ends_what_runs_there(number, client, tmp_path):
    (tmp_path / "long.py").write_text(LONG)
    write_config(
        tmp_path / "long.toml",
        {"function": {"call": "long.py:train", "metrics": {"e": "lower"}}, "grid": {"rate": [0.0, 1.0, 2.0]}},
    )
    running = start("run", "long.toml", "--scheduler", client.scheduler.address, cwd=tmp_path)
    seconds_until(lambda: len(pids_in(tmp_path)) == 3, at_most=30)
    running.send_signal(number)
    _, err = running.communicate(timeout=20)
    told = r"Stopped\. [01] of 3 runs are stored in results/long; the same command goes on from there\.\n"
    assert running.returncode in (130, -signal.SIGKILL)
    assert re.fullmatch(told if running.returncode == 130 else "", err)
    seconds_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids_in(tmp_path)), at_most=10)


def test_a_worker_that_may_start_no_processes_is_told_and_the_network_needs_none(
    folder, tmp_path, monkeypatch
):
    import dask

    monkeypatch.setattr(crew, "SECONDS_TO_SETTLE", 0.5)
    with (
        at_most(),
        dask.config.set({"distributed.worker.daemon": True}),
        local_cluster(n_workers=1) as one,
        client_of(one) as client,
    ):
        sweep.run(folder / "network.toml", client=client, results=tmp_path / "network", report=False)
        with pytest.raises(sweep.SweepError, match="start it with DASK_DISTRIBUTED__WORKER__DAEMON=False"):
            sweep.run(folder / "own.toml", client=client, results=tmp_path / "own", report=False)
    assert saved(tmp_path / "network") == saved(folder / "here" / "network")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Dask's settings for certificates that were made for this test, in the form of variables."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder, key = tmp_path_factory.mktemp("certificates"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a cluster of tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(form))
    (folder / "key.pem").write_bytes(
        key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    variables = {f"{prefix}CA_FILE": str(folder / "cert.pem")}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        variables |= {
            f"{prefix}{who}__CERT": str(folder / "cert.pem"),
            f"{prefix}{who}__KEY": str(folder / "key.pem"),
        }
    return variables


def test_a_scheduler_behind_tls_is_reached_by_dasks_own_settings(folder, certificates, tmp_path):
    encrypted = {"cwd": tmp_path, **certificates}
    with (
        at_most(),
        shell(
            "scheduler",
            "--protocol",
            "tls",
            "--port",
            "0",
            "--no-dashboard",
            says="Scheduler at:",
            **encrypted,
        ),
    ):
        address = next(tmp_path.glob("scheduler-*.log")).read_text().partition("Scheduler at:")[2].split()[0]
        assert address.startswith("tls://")
        with shell("worker", address, "--no-nanny", "--no-dashboard", says="Registered to:", **encrypted):
            arguments = ("run", folder / "network.toml", "--results", tmp_path / "there", "--no-report")
            done = start(*arguments, "--scheduler", address, cwd=tmp_path, env=os.environ | certificates)
            _, err = done.communicate(timeout=50)
    assert (done.returncode, err) == (0, "")
    assert saved(tmp_path / "there") == saved(folder / "here" / "network")
