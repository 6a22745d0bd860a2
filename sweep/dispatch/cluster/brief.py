"""Training → brief: what each worker of a cluster is told once."""

import uuid
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from sweep.dispatch.cluster.code_archive import LARGEST_FILE, Archive, pack
from sweep.dispatch.cluster.likeness import MOST_NAMED
from sweep.dispatch.cluster.messages import Brief
from sweep.terms.surroundings import installed
from sweep.training.batch import Batch
from sweep.training.kind import Training

SECONDS_AT_ONCE, SECONDS_PER_THREAD = 0.5, 0.006
"""So long a task is, or with many threads so long for each: this process takes half of that for a task."""


def brief_of(
    training: Training,
    examples: Iterable[Batch],
    results: Path | None,
    threads: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> Brief:
    """Return what workers are told of a training, so many threads in all; files that do not travel are told.

    Raises an `InputError` if its code is too much to travel.
    """
    from loky.backend.reduction import dumps  # by cloudpickle, if need be

    folder = training.code_folder
    archive = Archive() if folder is None else pack(folder)
    if archive.too_large:
        named = ", ".join(archive.too_large[:MOST_NAMED]) + " and more" * (
            len(archive.too_large) > MOST_NAMED
        )
        tell(
            f"{named} beside the code, over {LARGEST_FILE // 1_000_000} MB, {_do(archive.too_large)} not travel to the "
            "workers: where a run reads data, name them by an absolute path that all machines see"
        )
    return Brief(
        name=uuid.uuid4().hex[:12],
        trainer=bytes(dumps(training.for_workers())),
        packages=tuple(
            sorted({*training.packages, *(name for name in archive.packages if installed(name) is not None)})
        ),
        seconds=max(SECONDS_AT_ONCE, SECONDS_PER_THREAD * threads),
        isolation=training.isolation,
        loaded=training.loaded_from,
        code=archive.packed,
        folder=folder,
        examples=tuple(examples),
        results=results,
        keeps_files=training.keeps_files,
    )


def _do(things: Collection[object]) -> str:
    return "does" if len(things) == 1 else "do"
