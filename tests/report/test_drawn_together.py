"""Two processes draw the same figures as one; and whatever becomes of the second, all of them are drawn."""

import os
import signal
import threading
import time
from contextlib import suppress
from functools import cached_property

import psutil
import pytest
from report.test_report_page import content_of

from sweep.at_once import Command
from sweep.report.pages import drawing
from sweep.report.pages.drawing import Drawing, Images, draw_together
from sweep.report.pages.pictures import pictures_of

HERE = os.getpid()


@pytest.fixture
def _copied(monkeypatch):
    monkeypatch.setattr(drawing, "_may_be_copied", lambda: True)


class Signed(Drawing):
    """A figure that says which process has drawn it."""

    def __init__(self):
        super().__init__(lambda: None)

    @cached_property
    def images(self):
        time.sleep(0.2 if os.getpid() == HERE else 0.02)
        return Images(b"here" if os.getpid() == HERE else b"there", b"")


class Deadly(Signed):
    """A figure that ends the copy."""

    @cached_property
    def images(self):
        if os.getpid() != HERE:
            os._exit(3)
        return Images(b"here", b"")


class Failing(Deadly):
    """A figure that cannot be drawn in the copy."""

    @cached_property
    def images(self):
        if os.getpid() != HERE:
            raise ValueError
        return Images(b"here", b"")


class Hanging(Deadly):
    """A figure that comes to no end in the copy."""

    @cached_property
    def images(self):
        if os.getpid() != HERE:
            time.sleep(60)
        return Images(b"here", b"")


def drawn(drawings):
    return [one.images.png for one in drawings]


@pytest.mark.usefixtures("_copied")
def test_a_copy_of_the_process_draws_the_first_figures_and_this_one_the_last():
    drawings = [Signed() for _ in range(8)]
    draw_together(drawings)
    n_there = drawn(drawings).count(b"there")
    assert 0 < n_there < 8
    assert drawn(drawings) == [b"there"] * n_there + [b"here"] * (8 - n_there)


@pytest.mark.usefixtures("_copied")
@pytest.mark.parametrize("kind", [Deadly, Failing, Hanging])
def test_what_a_copy_that_fails_has_taken_is_drawn_here(kind, monkeypatch):
    monkeypatch.setattr(drawing, "PATIENCE", 0.2 if kind is Hanging else 60.0)
    drawings = [Signed(), kind(), Signed(), Signed()]
    draw_together(drawings)
    assert drawn(drawings) == [b"here"] * 4


class Noted(Drawing):
    """A figure that writes down which process draws it, and comes to no end."""

    def __init__(self, path):
        super().__init__(lambda: None)
        self.path = path

    @cached_property
    def images(self):
        with self.path.open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(60)
        return Images(b"", b"")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork beside the threads of pytest-xdist
@pytest.mark.usefixtures("_copied")
def test_a_copy_ends_within_a_figure_when_its_original_is_killed(tmp_path):
    path = tmp_path / "drawn"
    original = os.fork()
    if original == 0:
        try:
            draw_together([Noted(path) for _ in range(4)])
        finally:
            os._exit(0)
    while not path.exists() or len(path.read_text().splitlines()) < 2:
        time.sleep(0.01)
    (copy,) = {int(pid) for pid in path.read_text().split()} - {original}
    os.kill(original, signal.SIGKILL)
    os.waitpid(original, 0)
    started = time.monotonic()
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(copy).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < started + 10
            time.sleep(0.01)


@pytest.mark.usefixtures("_copied")
def test_where_no_process_is_to_be_had_one_draws(monkeypatch):
    def fork():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", fork)
    drawings = [Signed() for _ in range(4)]
    draw_together(drawings)
    assert drawn(drawings) == [b"here"] * 4


@pytest.mark.usefixtures("_copied")
def test_two_processes_draw_the_bytes_that_one_does():
    both, alone = ([one.drawing for one in pictures_of(content_of()) if one.drawing] for _ in range(2))
    draw_together(both)
    assert len(both) >= drawing.FEWEST_FOR_TWO
    assert [one.images for one in both] == [one.images for one in alone]


def test_only_a_command_with_a_single_thread_is_copied(monkeypatch):
    monkeypatch.setattr(drawing, "cores", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert not drawing._may_be_copied()
    monkeypatch.setattr(Command, "is_one", True)
    assert drawing._may_be_copied()
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not drawing._may_be_copied()
