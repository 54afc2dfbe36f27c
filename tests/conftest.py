"""Makes ``tests/`` importable for the helpers that several rooms' tests share."""

import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# The same commit has the same verdict; HYPOTHESIS_PROFILE=long looks for what nobody has tried yet.
settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile("long", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
