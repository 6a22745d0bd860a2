"""What is trained: the interface, and the kinds behind it."""
