"""`python -m jollyscope_cli` is `jollyscope`."""

import sys

from jollyscope_cli.main import main

sys.exit(main())
