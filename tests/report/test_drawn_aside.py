"""A second process draws the same figures as this one; and whatever becomes of it, all of them are drawn."""

import pytest
from report.test_report_page import content_of as whole_content

from sweep import aside as beside
from sweep.aside import Aside
from sweep.report.pages.drawing import draw_with
from sweep.report.pages.findings import drawings_of, findings
from sweep.report.pages.pictures import pictures_of


@pytest.fixture
def aside():
    process = Aside()
    yield process
    process.end()


@pytest.fixture(scope="module")
def drawn():
    return [drawing.images for drawing in drawings()]


def content_of():
    return whole_content(figures=("heatmap", "curves"))


def drawings():
    return drawings_of(findings(content_of()), pictures_of(content_of()))


def answers(aside):
    while (answer := aside.answer(wait=True)) is not None:
        yield answer


def test_a_second_process_draws_the_same_bytes_the_first_figure_first(aside, drawn):
    aside.ask(("en", content_of()))
    assert list(answers(aside)) == [
        (number, images) for number, all_images in enumerate(drawn) for images in (None, all_images)
    ]


def test_two_processes_draw_what_one_does(aside, drawn):
    aside.ask(("en", content_of()))
    both = drawings()
    draw_with(aside, both)
    assert [drawing.images for drawing in both] == drawn


def test_figures_are_drawn_in_the_language_that_is_asked_for(aside):
    aside.ask(("ja", content_of()))
    assert "学習率".encode() in b"".join(images.svg for _, images in answers(aside) if images)


@pytest.mark.parametrize("name", ["sweep.no_such_module", "sweep.streams"])
def test_what_a_process_that_ends_leaves_is_drawn_here(name, monkeypatch, drawn):
    monkeypatch.setattr(beside, "WHAT_DRAWS", name)
    aside, here = Aside(), drawings()
    aside.ask(("en", content_of()))
    draw_with(aside, here)
    assert [drawing.images for drawing in here] == drawn
    aside.end()


def test_what_cannot_be_handed_over_is_drawn_here(aside, drawn):
    aside.ask(("en", lambda: None))
    here = drawings()
    draw_with(aside, here)
    assert [drawing.images for drawing in here] == drawn


def test_a_process_that_is_not_asked_ends_when_it_is_told(aside):
    aside.end()
    assert aside.answer(wait=True) is None
