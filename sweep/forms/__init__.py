"""Forms of claims: what a sentence about a sweep can say, a file for each form.

`form` is what all of them have in common, `shared` and `others` are keys that several have; then `better`, `alike`,
`best`, `reaches` (and `fails`), `succeeds`, `monotone`, `trend`, `enough` and `differs`. A form that only one kind of
training has is with that kind. `claim_keys` are all keys that a [[claim]] can have.
"""

from sweep.forms.alike import Alike
from sweep.forms.best import Best
from sweep.forms.better import Better
from sweep.forms.claim_keys import COMMON, claim_keys
from sweep.forms.differs import Differs
from sweep.forms.enough import Enough
from sweep.forms.form import Form, Found, Kept, Successes
from sweep.forms.monotone import Monotone
from sweep.forms.reaches import Fails, Reaches
from sweep.forms.succeeds import Succeeds
from sweep.forms.trend import Trend

GENERAL_FORMS: tuple[type[Form], ...] = (
    Better,
    Alike,
    Best,
    Reaches,
    Fails,
    Succeeds,
    Monotone,
    Trend,
    Enough,
    Differs,
)
"""Those that make sense whatever is trained."""

__all__ = [
    "COMMON",
    "GENERAL_FORMS",
    "Alike",
    "Best",
    "Better",
    "Differs",
    "Enough",
    "Fails",
    "Form",
    "Found",
    "Kept",
    "Monotone",
    "Reaches",
    "Succeeds",
    "Successes",
    "Trend",
    "claim_keys",
]
