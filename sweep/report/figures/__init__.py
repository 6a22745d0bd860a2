"""The figures: a heatmap, learning curves, learned functions, the objective against an axis, weights, verdicts."""
