"""A small signature database for libclamav, made on the spot.

libclamav marks signatures that are not ClamAV's own: a signature NAME is found as NAME.UNOFFICIAL.
"""

import os
import tempfile

# In two pieces, so that no scanner takes this file for the EICAR test file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*").encode()
EICAR_NAME = "Eicar-Test-Signature.UNOFFICIAL"


def make(directory, extra_signatures=()):
    """Writes DIRECTORY/test.ndb, which finds EICAR anywhere in a file, under the name EICAR_NAME.

    extra_signatures: pairs (name, bytes to find), found as name + ".UNOFFICIAL". The file takes the
    place of an older one in one step, so that a reload never sees half of it. Returns its path.
    """
    os.makedirs(directory, exist_ok=True)
    signatures = [("Eicar-Test-Signature", EICAR), *extra_signatures]
    path = os.path.join(directory, "test.ndb")
    with tempfile.NamedTemporaryFile("w", dir=directory, suffix=".tmp", delete=False) as file:
        for name, content in signatures:
            file.write(f"{name}:0:*:{content.hex()}\n")
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
    return path
