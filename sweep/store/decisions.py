"""What was decided when a user's code had changed since results were stored: kept in a small file beside them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sweep.store.folder import ResultsFolder

Code: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Equal:
    """Two versions of the code, each by its parts, whose results count alike.

    So many of the older one's were trained again and came out the same; none if that is the user's word.
    """

    was: Code
    now: Code
    n_checked: int


@dataclass(frozen=True)
class Decisions:
    """How results of other code count.

    Attributes
    ----------
    equal
        Versions of the code whose results count as those of another one.
    retired
        Versions whose results count no more: all was trained anew, or the code was put back to what it had been.
    """

    equal: tuple[Equal, ...] = ()
    retired: tuple[Code, ...] = ()

    def are_equal(self, one: Code, other: Code) -> bool:
        """Tell whether results of two versions count alike: whether a chain of decisions links them."""
        reached, added = [one], True
        while added:
            pairs = [pair for each in self.equal for pair in ((each.was, each.now), (each.now, each.was))]
            new = [b for a, b in pairs if a in reached and b not in reached]
            reached, added = [*reached, *new], bool(new)
        return other in reached

    def without(self, code: Code, *, by_word: bool) -> "Decisions":
        """Return the decisions without those that link a version to others; with `by_word`, without the unchecked."""
        kept = [
            each for each in self.equal if not self.are_equal(each.was, code) or (by_word and each.n_checked)
        ]
        return replace(self, equal=tuple(kept))

    @property
    def by_word(self) -> bool:
        """Whether anything rests on the user's word alone."""
        return any(not each.n_checked for each in self.equal)

    @property
    def n_checked(self) -> int:
        """How many results of older versions were trained again, and came out the same."""
        return sum(each.n_checked for each in self.equal)

    def in_effect(self, current: Sequence[Code], others: Sequence[Code]) -> "Decisions":
        """Return what holds from now on, where these versions of what is stored count, and those others do not."""
        kept = tuple(code for code in self.retired if code not in current)
        return replace(self, retired=(*kept, *(code for code in others if code not in kept)))


def read_decisions(folder: ResultsFolder) -> Decisions:
    """Return what was decided so far; nothing if the file is not there, or damaged: then it is asked again."""
    try:
        found = json.loads(folder.decisions.read_bytes())
        equal = tuple(Equal(dict(was), dict(now), int(n)) for was, now, n in found["equal"])
        return Decisions(equal, tuple(dict(code) for code in found["retired"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Decisions()


def write_decisions(folder: ResultsFolder, decisions: Decisions) -> None:
    """Keep what was decided."""
    equal = [(each.was, each.now, each.n_checked) for each in decisions.equal]
    content = {"equal": equal, "retired": decisions.retired}
    folder.write(folder.decisions, json.dumps(content, indent=1, sort_keys=True) + "\n")
