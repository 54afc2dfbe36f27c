"""Entry of ``deployment/portal``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal_cli.commands import main

sys.exit(main(sys.argv[1:]))
