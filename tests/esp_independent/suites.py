"""What the scripts beside this file share: the suites, keys for them, and a conversation with esp_hex."""
import hashlib
import subprocess
import sys

CIPHERS = {  # name: (key octets, salt octets)
    "aes128": (16, 0), "aes192": (24, 0), "aes256": (32, 0), "3des": (24, 0),
    "aes128gcm16": (16, 4), "aes192gcm16": (24, 4), "aes256gcm16": (32, 4),
}
INTEGRITIES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def suites():
    for cipher in CIPHERS:
        for integrity in (["none"] if "gcm" in cipher else INTEGRITIES):
            yield cipher, integrity


def octets(count, seed):
    """Octets that look random and are the same in every run."""
    return hashlib.shake_128(seed.encode()).digest(count)


def keys(cipher, integrity):
    key, salt = CIPHERS[cipher]
    return octets(key + salt, "encryption " + cipher), octets(INTEGRITIES.get(integrity, 0), "integrity " + integrity)


class EspHex:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, verb, cipher, integrity, spi, sequence, packet):
        encryption, authentication = keys(cipher, integrity)
        self.process.stdin.write(f"{verb} {cipher} {integrity} {encryption.hex()} {authentication.hex() or '-'} "
                                 f"{spi:08x} {sequence} {packet.hex()}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        return answer if answer.startswith("-") else bytes.fromhex(answer)


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(77)
