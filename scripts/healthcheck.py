"""Exit status 0 if the server in this container is ready to answer."""

from __future__ import annotations

import os
import sys
import urllib.request

with urllib.request.urlopen(
    f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/readyz", timeout=4
) as answer:
    sys.exit(0 if answer.status == 200 else 1)
