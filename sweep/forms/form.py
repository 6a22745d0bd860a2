"""What all forms of claims have in common."""


class Form:
    """A form of claim."""
