"""What was decided when a user's code had changed since results were stored: kept in a small file beside them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sweep.store.folder import ResultsFolder

Code: TypeAlias = Mapping[str, str]
How: TypeAlias = Literal["check", "same", "new"]


@dataclass(frozen=True)
class Decisions:
    """How results of other code count.

    Attributes
    ----------
    equal
        Versions of the code, each by its parts, whose results count as those of another one, with how that was found:
        by training some again ("check"), or by the user's word ("same").
    retired
        Versions whose results count no more, since all was to be trained anew.
    """

    equal: tuple[tuple[Code, Code, How], ...] = ()
    retired: tuple[Code, ...] = field(default=())

    def are_equal(self, one: Code, other: Code) -> bool:
        """Tell whether results of two versions count alike: whether a chain of decisions links them."""
        reached, added = [one], True
        while added:
            pairs = [pair for a, b, _ in self.equal for pair in ((a, b), (b, a))]
            new = [b for a, b in pairs if a in reached and b not in reached]
            reached, added = [*reached, *new], bool(new)
        return other in reached

    @property
    def by_word(self) -> bool:
        """Whether anything rests on the user's word alone."""
        return any(how == "same" for _, _, how in self.equal)


def read_decisions(folder: ResultsFolder) -> Decisions:
    """Return what was decided so far; nothing if the file is not there, or damaged: then it is asked again."""
    try:
        found = json.loads(folder.decisions.read_bytes())
        equal = tuple((dict(a), dict(b), how) for a, b, how in found["equal"])
        return Decisions(equal, tuple(dict(code) for code in found["retired"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Decisions()


def write_decisions(folder: ResultsFolder, decisions: Decisions) -> None:
    """Keep what was decided."""
    content = {"equal": decisions.equal, "retired": decisions.retired}
    folder.write(folder.decisions, json.dumps(content, indent=1, sort_keys=True) + "\n")
