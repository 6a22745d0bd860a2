"""The terms that all stages share: values and keys of a config, metrics, outcomes, arrays; how they are written in text."""
