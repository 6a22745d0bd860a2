"""The figures: a heatmap, curves, learned functions, the objective against an axis, importance, weights, verdicts."""
