"""How things look and where they stand: labels, style, placement, scales, ticks, and which axis goes where."""
