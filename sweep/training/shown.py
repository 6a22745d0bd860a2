"""What a training can show of what it has trained: the data of figures that only some kinds have."""

from dataclasses import dataclass

from sweep.terms.arrays import Floats


@dataclass(frozen=True, eq=False)
class Learned:
    """Functions of one variable that n trajectories of a setting have learned, beside what they were to learn.

    Attributes
    ----------
    x, target
        Shape (p,): points, and what was to be learned there.
    outputs
        Shape (n, p): what was learned there; not finite where a trajectory diverged.
    line_x, line
        Shape (q,): what was to be learned as a smooth line.
    """

    x: Floats
    target: Floats
    outputs: Floats
    line_x: Floats
    line: Floats


@dataclass(frozen=True, eq=False)
class Inside:
    """A trained network from inside.

    Attributes
    ----------
    weights
        `weights[layer][to, from]`.
    x, target, output
        Shape (p,): what it was to learn along the interval, and what it computes there.
    """

    weights: tuple[Floats, ...]
    x: Floats
    target: Floats
    output: Floats


@dataclass(frozen=True)
class Portrait:
    """One trained network of a setting, as a figure shows it.

    Attributes
    ----------
    role
        What it is an example of: "best", "median" or "worst"; "" if it was asked for by its replicate.
    replicate, value
        Of its run: the replicate, and the objective; the worst there is if it diverged.
    inside
        What it looks like.
    """

    role: str
    replicate: int
    value: float
    inside: Inside
