"""Forms of claims: what a sentence about a sweep can say, a file for each form."""
