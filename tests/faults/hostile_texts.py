"""Hostile texts on the pages, looked at in Chromium: their scripts do not run, and they are shown."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from tests.faults.bench import Bench, Trial
from tests.faults.child import here
from tests.faults.sweeps import CLAIM, QUICK
from tests.faults.table import Tally, row
from tests.running import write_config

SCRIPT = "console.log('RAN-{i}')"

TEXTS = (
    "<script>{s}</script>", "</script><script>{s}</script>", "</title><script>{s}</script>",
    "<img src=x onerror=\"{s}\">", "<svg onload=\"{s}\">", "<svg><script>{s}</script></svg>",
    "\"><script>{s}</script>", "'><script>{s}</script>", "--><script>{s}</script>",
    "]]><script>{s}</script>", "<!--<script>{s}</script>", "javascript:{s}", "[click](javascript:{s})",
    "![a](x\" onerror=\"{s})", "<a href=\"javascript:{s}\">a</a>",
    "<iframe srcdoc=\"<script>{s}</script>\">", "<body onload=\"{s}\">",
    "<style>*{{display:none}}</style>", "</style><script>{s}</script>", "<base href=//evil>",
    "<meta http-equiv=refresh content=0>", "{{{{ 7*7 }}}}", "{{% raw %}}", "${{7*7}}", "&lt;b&gt;",
    "&amp;amp;", "&#x3c;script&#x3e;{s}", "\\u003cscript\\u003e{s}", "\u202eright to left",
    "\u2066isolate\u2069", "zero\u200bwidth", "e\u0301\u0301\u0301\u0301 zalgo", "emoji 👩‍👩‍👧‍👦 🏴‍☠️",
    "日本語の題", "النص العربي", "line\u2028separator", "paragraph\u2029separator", "nul\x00byte",
    "escape \x1b[31mred\x1b[0m", "bell\x07", "tab\tand\nnewline", "carriage\rreturn",
    "'single' \"double\" `back`", "\\backslash\\n", "percent %s %d %(x)s", "* star\n* list", "# heading",
    "| a | b |", "$math$ \\frac{{1}}{{2}} $", "x" * 500,
)  # fmt: skip


REASONS = """
def train(text, *, seed):
    if seed % 2:
        raise ValueError(text)
    return {"error": len(text)}
"""


def hostile_text(number: int) -> str:
    """Return a hostile text with a word of its own, and a script that would tell of itself."""
    text = TEXTS[number % len(TEXTS)]
    return f"w{number}w {text.format(s=SCRIPT.format(i=number))}"


def _can_be_stored(number: int) -> bool:
    return "\0" not in hostile_text(number)


@row(
    "hostile-texts",
    "hostile texts on the pages: titles, sources, notes, sentences, names, reasons",
    trials=50,
    few=0,
)
def _(bench: Bench, trials: int) -> Tally:
    def make(trial: Trial) -> None:
        code = trial.lane.run(trial.place, "tests.faults.hostile_texts:write_pages", trials, at_most=600)
        if code != 0:
            trial.add("crashed", f"the pages are not made: {trial.lane.told[-1500:]}")
            return
        trial.tally.trials = trials
        _look(trial.tally, trial.place / "pages")

    return bench.each(1, make)


REASONS_A_PAGE = 20


def write_pages(n: int) -> None:
    """Write a page for each hostile text, and some with all of them as names and reasons of a function's runs."""
    pages = Path("pages")
    pages.mkdir()
    for number in range(n):
        text = hostile_text(number)
        claim = CLAIM | {"sentence": text, "source": text}
        tables = {"title": text, "source": text, "note": text, "figures": []} | {
            name: value for name, value in QUICK.tables.items() if name not in ("title", "figures", "claim")
        }
        write_config(Path("hostile.toml"), tables | {"claim": [claim]})
        code, told = here(["run", "hostile.toml", "--results", "hostile", "--workers", "1"])
        if code == 0:
            shutil.copy("hostile/report.html", pages / f"{number}.html")
        elif code == 2 and "\0" in text:
            (pages / f"{number}.refused").write_text(told, encoding="utf-8")
        else:
            raise AssertionError(f"{text!r}: exit {code}: {told}")
        shutil.rmtree("hostile", ignore_errors=True)
    for numbers in reasons_by_page(n):
        _write_page_of_reasons(numbers, pages)


def reasons_by_page(n: int) -> list[list[int]]:
    """Return which of n texts are on each page of reasons: no page shows more."""
    storable = [number for number in range(n) if _can_be_stored(number)]
    return [storable[i : i + REASONS_A_PAGE] for i in range(0, len(storable), REASONS_A_PAGE)]


def _write_page_of_reasons(numbers: list[int], pages: Path) -> None:
    Path("reasons.py").write_text(REASONS, encoding="utf-8")
    texts = [hostile_text(number) for number in numbers]
    tables = {
        "figures": [],
        "function": {"call": "reasons.py:train", "metrics": {"error": "lower"}},
        "grid": {"text": texts, "replicates": 2},
    }
    write_config(Path("reasons.toml"), tables)
    code, told = here(["run", "reasons.toml", "--results", "reasons", "--workers", "1"])
    assert code in (0, 1), told
    shutil.copy("reasons/report.html", pages / f"reasons-{numbers[0]}.html")
    shutil.rmtree("reasons")


READ = """
window.onload = () => setTimeout(() => {
    const found = {};
    for (const frame of document.querySelectorAll("iframe")) found[frame.name] = frame.contentDocument.body.innerText;
    document.getElementById("found").textContent = encodeURIComponent(JSON.stringify(found));
}, 2000)
"""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def _look(tally: Tally, pages: Path) -> None:
    """Judge the pages in Chromium: no script of theirs runs, and their texts are there; else by parsing them."""
    shown = _shown_in_chromium(pages)
    if shown is None:
        tally.notes.append("there is no Chromium here: looked at by parsing the pages")
        shown = {page.stem: _parsed(page) for page in pages.glob("*.html")}, set()
    texts, ran = shown
    for number in ran:
        tally.add("silent", f"a script of text {number} runs: {hostile_text(int(number))!r}")
    of_reasons = {f"reasons-{numbers[0]}": numbers for numbers in reasons_by_page(tally.trials)}
    for page in sorted(pages.glob("*.html")):
        words = _word_marks(texts.get(page.stem, ""))
        for number in [int(page.stem)] if page.stem.isdigit() else of_reasons[page.stem]:
            if f"w{number}w" not in words:
                tally.add("silent", f"{page.name} does not show its text: {hostile_text(number)!r}")


def _word_marks(text: str) -> set[str]:
    return set(re.findall(r"w\d+w", text))


def _shown_in_chromium(pages: Path) -> tuple[dict[str, str], set[str]] | None:
    """Return the texts that the pages show, and the numbers of texts whose script has run; None without Chromium."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        return None
    (pages / "control.html").write_text(
        "<p>w0w</p><script>console.log('RAN-control')</script>", encoding="utf-8"
    )
    names = sorted(page.stem for page in pages.glob("*.html"))
    frames = "".join(f'<iframe name="{name}" src="{name}.html"></iframe>' for name in names)
    index = pages / "index-of-all.html"
    index.write_text(f'{frames}<pre id="found"></pre><script>{READ}</script>', encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
    options += ["--disable-web-security", "--allow-file-access-from-files", "--enable-logging=stderr"]
    done = subprocess.run(
        [program, *options, f"--user-data-dir={pages / 'profile'}", index.as_uri()],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
        check=False,
    )
    (pages / "control.html").unlink()
    index.unlink()
    ran = set(re.findall(r'"RAN-(\w+)"', done.stderr))
    found = re.search(r'<pre id="found">([^<]+)</pre>', done.stdout)
    assert found, f"Chromium shows nothing: {done.stderr[-1000:]}"
    assert "control" in ran, f"Chromium tells of no script: {done.stderr[-1000:]}"
    texts: dict[str, str] = json.loads(unquote(found[1]))
    return texts, ran - {"control"}


class _Texts(HTMLParser):
    """Collects what a page shows, and notes scripts that are not the page's own."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.texts.append(data)


def _parsed(page: Path) -> str:
    parser = _Texts()
    parser.feed(page.read_text(encoding="utf-8"))
    return " ".join(parser.texts)
