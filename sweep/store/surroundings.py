"""Where the results of a folder were trained: a small file beside them, with an entry for each kind of surroundings."""

import json
from dataclasses import asdict

from sweep.store.folder import ResultsFolder
from sweep.terms.surroundings import UNKNOWN, Surroundings


def read_surroundings(folder: ResultsFolder) -> tuple[Surroundings, ...]:
    """Return those in which anything here was trained, in their order; nothing if that is not known."""
    try:
        found = json.loads(folder.surroundings.read_bytes())
        return tuple(
            Surroundings(
                {str(name): str(version) for name, version in one["versions"].items()},
                str(one["processor"]),
                int(one["cores"]),
                str(one["system"]),
            )
            for one in found
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def note_surroundings(folder: ResultsFolder, one: Surroundings, *, has_results: bool) -> None:
    """Keep that something is trained there; where there are results already, and nothing is known of them, that too."""
    known = read_surroundings(folder) or ((UNKNOWN,) if has_results else ())
    if one not in known:
        text = json.dumps([asdict(each) for each in (*known, one)], indent=1)
        folder.write(folder.surroundings, text + "\n")
