"""What is trained: the interface of all kinds, and the kinds behind it.

`kind` is the interface, `parameter` what a training takes, `shown` what it can show of its insides; `batch` is what
workers know of it, and `checked` looks at what it gives. `network` is the article's network, `function` a user's own
function, `table` what was made elsewhere; `usual` says which of them it is where nobody says anything.
"""
