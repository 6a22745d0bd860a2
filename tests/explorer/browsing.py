"""A browser for tests: pages are opened from files, and what a reader would do is done to them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

READY = """() => {
  const section = document.querySelector(".explorer");
  return section && !section.hidden && section.explorer && section.explorer.map.view && !section.explorer.drawing;
}"""


@contextmanager
def browser() -> Iterator[object]:
    """Start a browser; a test that uses it is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


class Opened:
    """A tab of a browser with an explorer, and in `faults` all that it asked of a network and complained about.

    The second page of a tab is there in half the time, since its scripts are compiled already.
    """

    def __init__(self, chromium, **context) -> None:
        options = {"viewport": {"width": 1200, "height": 1000}, "accept_downloads": True, **context}
        options["bypass_csp"] = (
            True  # what waits for the page evaluates texts in it, which the page does not allow
        )
        self.context = chromium.new_context(**options)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self._told(line.type, line.text))
        self.page.on("dialog", lambda dialog: self.faults.append(dialog.message) or dialog.dismiss())
        self.runs_scripts = options.get("java_script_enabled", True)

    def open(self, path: Path) -> None:
        """Open a page as if it were the first one."""
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")
        self.page.emulate_media(media="screen")
        self.faults.clear()
        self.page.goto(path.as_uri())
        if self.runs_scripts:
            self.settle()

    def _requested(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:", "about:")):
            self.faults.append(url)

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(text)

    def settle(self) -> None:
        """Wait until all is drawn."""
        self.page.wait_for_function(READY, timeout=20_000)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by the words that a reader sees."""
        self.page.locator(".explorer label", has_text=label).locator("select").first.select_option(option)
        self.settle()

    def slide(self, label: str, at: int) -> None:
        """Move a slider to the number of a value."""
        slider = self.page.locator(f'.explorer input[type=range][aria-label="{label}"]')
        slider.evaluate("(it, at) => { it.value = at; it.dispatchEvent(new Event('input')); }", str(at))
        self.settle()

    def point(self, x: int, y: int) -> tuple[float, float]:
        """Move to the square at a column and a row, counted from the lower left, and return where that is."""
        self.page.locator(".explorer-map").scroll_into_view_if_needed()
        at = self.page.evaluate(
            """([x, y]) => {
              const { map } = document.querySelector(".explorer").explorer;
              const { x_scale, y_scale } = map.view.frame, box = map.view.el.getBoundingClientRect();
              return [box.x + x_scale.compute(x), box.y + y_scale.compute(y)];
            }""",
            [x, y],
        )
        self.page.mouse.move(at[0] - 3, at[1])
        self.page.mouse.move(*at)
        return tuple(at)

    def hovered(self, x: int, y: int) -> list[str]:
        """Return the lines that are shown when the pointer is over a square."""
        self.point(x, y)
        return self.page.locator(".explorer-tip div").all_inner_texts()

    def click(self, x: int, y: int) -> None:
        """Click on a square."""
        self.page.mouse.click(*self.point(x, y))
        self.page.wait_for_timeout(60)
        self.settle()

    @property
    def place(self) -> list[str]:
        """What is said of the chosen cell."""
        return self.page.locator(".explorer-place").inner_text().split("\n")

    def rows(self, where: str) -> list[list[str]]:
        """Return the body of a table, as a reader sees it."""
        return [
            row.locator("th, td").all_inner_texts() for row in self.page.locator(f"{where} tbody tr").all()
        ]

    def downloaded(self, button: str) -> bytes:
        """Press a button and return the file that it gives."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=button).click()
        return Path(download.value.path()).read_bytes()

    def value(self, script: str) -> object:
        """Return what an expression is in the page."""
        return json.loads(self.page.evaluate(f"JSON.stringify({script} ?? null)"))

    def close(self) -> None:
        """Close the tab."""
        self.context.close()
