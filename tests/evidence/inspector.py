"""A second program that opens and checks a bundle, written from docs/evidence.md: standard library and cryptography.

python inspector.py BUNDLE KEY      prints the manifest; exit 0 if it is whole and signed with KEY, else 1
"""

import hashlib
import json
import sys
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def main(place, key):
    box = zipfile.ZipFile(place)
    source = box.read("manifest.json")
    signature = bytes.fromhex(box.read("manifest.sig").decode())
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, b"earshot/evidence\n" + source)
    except InvalidSignature:
        return "the signature is not that of the key"
    manifest = json.loads(source)
    if sorted(box.namelist()) != sorted([*manifest["files"], "manifest.json", "manifest.sig"]):
        return "other files than the manifest names"
    for name, facts in manifest["files"].items():
        content = box.read(name)
        if (len(content), hashlib.sha256(content).hexdigest()) != (facts["size"], facts["sha256"]):
            return f"{name} is another file"
    sys.stdout.write(json.dumps({**manifest, "digest": hashlib.sha256(source).hexdigest()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
