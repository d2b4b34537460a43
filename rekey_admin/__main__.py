"""`python -m rekey_admin`, as good as `rekey-admin`."""

import sys

from rekey_admin.main import main

sys.exit(main())
