import os
import signal

from hypothesis import settings

# A fixed seed in CI: a test that fails there must fail again on the next machine.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("dev", deadline=None, max_examples=30)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# Where the suite itself runs in the background of a shell, or by nohup, all that it starts would ignore these.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# Else each of the hundreds of processes that tests start would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes run tests at once: one more than cores, since many tests wait for others to end."""
    return (os.cpu_count() or 1) + 1
