"""The line finder against TOML that was written by a generator, which knows where everything stands."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sweep.config.places import Place, dotted, find_lines

TRAPS = ["#", "[", "]", "{", "}", "=", ",", "'", '"', "\\", "\n", " ", "[[grid]]", "\na = 1\n", '"""', "x"]
texts = st.lists(st.sampled_from(TRAPS), max_size=5).map("".join)
names = st.sampled_from(["a", "b", "c", "grid", "a.b", "x y", "[a]", "#", "3", "", "é", '"', "'", "="])
scalars = st.one_of(texts, st.integers(-5, 5), st.booleans(), st.sampled_from([0.5, 1e-3, float("inf")]))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
blanks = st.sampled_from(["", " ", "\t", "  "])
gaps = st.sampled_from(["", "", " ", "\n", "\n\n", " # ] a = 1\n", "\r\n"])


@dataclass
class Writer:
    """Writes TOML in many manners, and notes the line of everything that it writes."""

    draw: Any
    text: str = ""
    lines: dict[Place, int] = field(default_factory=dict)

    def put(self, text: str) -> None:
        self.text += text

    def note(self, place: Place) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)

    def key(self, place: Place) -> None:
        self.note(place)
        name = str(place[-1])
        bare = name.isascii() and name.isalnum()
        self.put(
            name
            if bare and self.draw(st.booleans())
            else json.dumps(name, ensure_ascii=self.draw(st.booleans()))
        )

    def pair(self, place: Place, value: Any) -> None:
        self.key(place)
        if isinstance(value, dict) and len(value) == 1 and self.draw(st.booleans()):
            ((name, inner),) = value.items()  # written as a dotted key
            self.put(self.draw(blanks) + "." + self.draw(blanks))
            self.pair((*place, name), inner)
        else:
            self.put(self.draw(blanks) + "=" + self.draw(blanks))
            self.value(place, value)

    def value(self, place: Place, value: Any) -> None:
        if isinstance(value, list):
            self.put("[" + self.draw(gaps))
            for index, item in enumerate(value):
                self.note((*place, index))
                self.value((*place, index), item)
                last = index == len(value) - 1
                self.put(
                    self.draw(gaps) + ("" if last and self.draw(st.booleans()) else ",") + self.draw(gaps)
                )
            self.put("]")
        elif isinstance(value, dict):
            self.put("{" + self.draw(blanks))
            for index, (name, item) in enumerate(value.items()):
                self.put("," + self.draw(blanks) if index else "")
                self.pair((*place, name), item)
            self.put(self.draw(blanks) + "}")
        else:
            self.put(self.scalar(value))

    def scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return str(value).lower()
        escaped = value.replace("\\", "\\\\").replace('"""', '""\\"')
        manners = [
            json.dumps(value),
            f'"""{escaped}"""' if not escaped.endswith('\\"') else json.dumps(value),
        ]
        if "'" not in value:
            manners += [f"'''{value}'''", json.dumps(value) if "\n" in value else f"'{value}'"]
        return str(self.draw(st.sampled_from(manners)))

    def end(self) -> None:
        self.put(self.draw(st.sampled_from(["\n", " # a = [\n", "\n\n", "\r\n", "\n # [[grid]]\n"])))

    def pairs(self, place: Place, pairs: dict[str, Any]) -> None:
        for name, value in pairs.items():
            self.pair((*place, name), value)
            self.end()

    def header(self, place: Place, name: str, *, is_list: bool) -> None:
        opening, closing = ("[[", "]]") if is_list else ("[", "]")
        self.put(opening + self.draw(blanks))
        self.key((*place, name))
        self.put(self.draw(blanks) + closing)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*place, key)
        yield from places(inner, (*place, key))


@given(data=st.data(), pairs=st.dictionaries(names, values, max_size=4))
def test_every_key_and_item_is_found_on_the_line_where_it_was_written(
    data: Any, pairs: dict[str, Any]
) -> None:
    writer = Writer(data.draw)
    writer.pairs((), pairs)
    tables = data.draw(
        st.dictionaries(names.filter(lambda name: name not in pairs), st.just(None), max_size=3)
    )
    for name in tables:
        is_list = data.draw(st.booleans())
        for index in range(data.draw(st.integers(1, 3)) if is_list else 1):
            writer.header((), name, is_list=is_list)
            place: Place = (name, index) if is_list else (name,)
            writer.note(place)
            writer.end()
            own = data.draw(st.dictionaries(names, values, max_size=2))
            writer.pairs(place, own)
            inner = data.draw(st.sampled_from([None, "inner"]))
            if inner:  # a table, or a list of tables, in the newest table
                writer.put(f"[{json.dumps(name)}.{inner}]")
                writer.note((*place, inner))
                writer.end()
                writer.pairs((*place, inner), data.draw(st.dictionaries(names, values, max_size=2)))

    document = tomllib.loads(writer.text)
    found = find_lines(writer.text)

    assert set(found) == set(places(document))
    assert found == writer.lines


def test_dates_comments_and_dotted_keys_are_cut_in_the_right_places() -> None:
    text = """\
a.b."c.d" = [1979-05-27 07:32:00, # ]
  { e = '}', f.g = [ ] },
]
[ h . "i" ] # [j]
k = \"\"\"
[l]
m = 1\"\"\"\"\"
n = '''
'''''
[[h.o]]
[h.o.p]
[[h.o]]
q = 1
"""

    found = find_lines(text)

    assert set(found) == set(places(tomllib.loads(text)))
    assert {
        dotted(place): line for place, line in found.items() if place[-1] in ("c.d", "k", "n", "p", "q", "g")
    } == {
        'a.b."c.d"': 1,
        'a.b."c.d".f.g': 2,
        "h.i.k": 5,
        "h.i.n": 8,
        "h.o.p": 11,
        "h.o.q": 13,
    }
    assert found["h", "o", 1] == 12
