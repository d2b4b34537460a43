"""What the most costly foreign hashes that are verified take: `python -m benchmarks.foreign_hashes`.

CPU time as a ratio to our own hash at the template's default, within this run (docs/decisions/0013-foreign-hashes.md).
"""

import base64
import time
from collections.abc import Callable

from argon2 import PasswordHasher

from rekey.credentials import foreign_hashes

SALT, DIGEST, LONG_DIGEST = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32, 64))
OURS = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
DEAREST = {
    "bcrypt, cost 14": f"$2b$14${'.' * 53}",
    "PBKDF2-SHA-256": f"$pbkdf2-sha256${foreign_hashes.MOST_PBKDF2}${SALT}${DIGEST}",
    "PBKDF2-SHA-512": f"$pbkdf2-sha512${foreign_hashes.MOST_PBKDF2}${SALT}${LONG_DIGEST}",
    "scrypt": f"$scrypt$ln=17,r=8,p=2${SALT}${DIGEST}",
    "Argon2id": f"$argon2id$v=19$m={foreign_hashes.MOST_ARGON2_MEMORY},t=4,p=1${SALT}${DIGEST}",
}


def seconds(work: Callable[[], object]) -> float:
    """CPU time, the least of three."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def main() -> None:
    ours = seconds(lambda: OURS.hash(b"password"))
    for name, kept in DEAREST.items():
        verify = foreign_hashes.parse(kept).verify
        print(f"{name:<18} {seconds(lambda verify=verify: verify(b'password')) / ours:4.0f}")  # type: ignore[misc]


if __name__ == "__main__":
    main()
