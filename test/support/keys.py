"""DKIM key pairs, and their public half as the DNS carries it."""

import base64
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DkimKey:
    domain: str
    selector: str
    path: Path    # the private key, PEM
    record: str   # the TXT record

    @property
    def name(self):
        return f"{self.selector}._domainkey.{self.domain}"


def make_key(directory, selector, domain="example.org", kind="rsa", bits=2048):
    """`kind` is "rsa" or "ed25519"; `bits` are RSA's."""
    path = Path(directory) / f"{selector}.pem"
    options = ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"]
    if kind == "ed25519":
        options = ["-algorithm", "ED25519"]
    subprocess.run(["openssl", "genpkey", "-quiet", "-out", path, *options], check=True,
                   capture_output=True)
    path.chmod(0o600)
    public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"],
                            check=True, capture_output=True).stdout
    if kind == "ed25519":
        public = public[-32:]  # RFC 8463: the bare key, not SubjectPublicKeyInfo
    record = f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"
    return DkimKey(domain, selector, path, record)


def write_test_public_keys(path, keys):
    """opendkim's TestPublicKeys file."""
    Path(path).write_text("".join(f"{key.name} {key.record}\n" for key in keys))
    return Path(path)
