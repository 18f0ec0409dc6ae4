"""Where a worker process begins: `python -I start.py SOCKET FOLDER LIMITS`, by path, whether installed or not."""

import sys
from pathlib import Path


def main() -> None:
    """Makes this program's packages importable, which isolated mode does not, and serves one job."""
    packages = Path(__file__).resolve().parents[2]
    sys.path.insert(0, str(packages))
    from server.workers.child import serve

    serve(int(sys.argv[1]), Path(sys.argv[2]), packages, sys.argv[3])


if __name__ == "__main__":
    main()
