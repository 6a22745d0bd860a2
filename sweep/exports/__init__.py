"""Results in the formats of other tools, a module each: tables and a record in, a file or an object of theirs out."""
