"""The README's lines on clusters work as they stand, with a scheduler and a worker started from two shells."""

import os
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from cluster.clusters import at_most, marks
from running import SMALL, saved, seconds_until, write_config

pytestmark = marks

ROOT = Path(__file__).parents[2]
(LINES,) = re.findall(r"^```shell\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)


def test_the_lines_of_the_readme_make_a_sweep_on_a_cluster(tmp_path):
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = str(any_port.getsockname()[1])
    scheduler, worker, run = LINES.replace("HOST", "127.0.0.1").replace("8786", port).splitlines()
    assert scheduler == "dask scheduler"
    write_config(tmp_path / "my.toml", SMALL)
    started = []

    def in_a_shell(line):
        bin_folder = str(Path(sys.executable).parent)
        environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
        log = (tmp_path / f"{len(started)}.log").open("w")
        with log:
            process = subprocess.Popen(
                line,
                shell=True,
                cwd=tmp_path,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        started.append(process)
        return process

    def says(number, text):
        return lambda: text in (tmp_path / f"{number}.log").read_text()

    with at_most():
        try:
            in_a_shell(f"{scheduler} --port {port} --dashboard-address :0")
            seconds_until(says(0, "Scheduler at:"), at_most=60)
            in_a_shell(worker)
            assert in_a_shell(run).wait(100) == 0, (tmp_path / "2.log").read_text()
        finally:
            for process in reversed(started):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, 15)
                process.wait(20)
    there = tmp_path / "results" / "my"
    assert (there / "report.html").exists()
    subprocess.run(
        [sys.executable, "-m", "sweep", "run", "my.toml", "--results", "here"], cwd=tmp_path, check=True
    )
    assert saved(there) == saved(tmp_path / "here")
