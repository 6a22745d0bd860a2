"""The heatmap: cells as `squares`, their `sizes`, the `legend` below them, how they are painted, all together."""
