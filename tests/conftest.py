import os

from hypothesis import settings

# A fixed seed in CI: a test that fails there must fail again on the next machine.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("dev", deadline=None, max_examples=30)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
