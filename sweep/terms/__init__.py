"""The terms that all stages share: values and keys of a config, metrics, outcomes, arrays, and how they are written."""
