"""Forms of claims: what a sentence about a sweep can say, a file for each form.

`form` is what all of them have in common, `shared` are keys that several have; then `better`, `reaches` (and `fails`),
`monotone` and `enough`. A form that only one kind of training has is with that kind. `claim_keys` are all keys that a
[[claim]] can have.
"""

from sweep.forms.better import Better
from sweep.forms.claim_keys import COMMON, claim_keys
from sweep.forms.enough import Enough
from sweep.forms.form import Form, Found, Kept, Successes
from sweep.forms.monotone import Monotone
from sweep.forms.reaches import Fails, Reaches

GENERAL_FORMS: tuple[type[Form], ...] = (Better, Reaches, Fails, Monotone, Enough)
"""Those that make sense whatever is trained."""

__all__ = [
    "COMMON",
    "GENERAL_FORMS",
    "Better",
    "Enough",
    "Fails",
    "Form",
    "Found",
    "Kept",
    "Monotone",
    "Reaches",
    "Successes",
    "claim_keys",
]
