"""Every suite against scapy's IPsec layer: it opens what we seal, we open what it seals."""
import logging
import sys

sys.dont_write_bytecode = True
import suites

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
try:
    import cryptography  # noqa: F401, scapy's ciphers come from it
    from scapy.layers.inet import IP, UDP
    from scapy.layers.ipsec import ESP, SecurityAssociation
    from scapy.packet import Raw
except ImportError as error:
    suites.skip(f"python3-scapy with python3-cryptography is needed: {error}")

CRYPT = {"aes": "AES-CBC", "3des": "3DES", "gcm": "AES-GCM"}
AUTH = {"md5": "HMAC-MD5-96", "sha1": "HMAC-SHA1-96", "sha256": "SHA2-256-128", "sha384": "SHA2-384-192",
        "sha512": "SHA2-512-256", "none": "NULL"}
SPI = 0xC0000001
OUTER = IP(src="203.0.113.56", dst="198.51.100.112")


def association(cipher, integrity, sequence):
    encryption, authentication = suites.keys(cipher, integrity)
    kind = "gcm" if "gcm" in cipher else "3des" if cipher == "3des" else "aes"
    return SecurityAssociation(ESP, spi=SPI, seq_num=sequence, crypt_algo=CRYPT[kind], crypt_key=encryption,
                               auth_algo=AUTH[integrity], auth_key=authentication, tunnel_header=OUTER)


def inner(size):
    return IP(src="192.168.1.2", dst="192.168.0.3", id=size) / UDP(sport=1000, dport=2000) / Raw(
        suites.octets(size - 28, f"payload {size}"))


def main():
    esp_hex = suites.EspHex(sys.argv[1])
    checked = failed = 0
    for cipher, integrity in suites.suites():
        for sequence, size in enumerate([28, 29, 30, 31, 32, 33, 41, 42, 43, 44, 45, 46, 60, 100, 576, 1399, 1400],
                                        start=1):
            packet = bytes(inner(size))
            sealed = esp_hex.ask("seal", cipher, integrity, SPI, sequence, packet)
            theirs = OUTER.copy() / ESP(sealed)
            theirs = IP(bytes(theirs))
            try:
                opened = bytes(association(cipher, integrity, sequence).decrypt(theirs))
            except Exception as error:  # scapy raises many kinds
                opened = repr(error).encode()
            sealed_by_them = association(cipher, integrity, sequence).encrypt(IP(packet))
            back = esp_hex.ask("open", cipher, integrity, SPI, sequence, bytes(sealed_by_them[ESP]))
            # The same with one bit wrong: neither may open it.
            spoilt = bytearray(bytes(sealed_by_them[ESP]))
            spoilt[len(spoilt) // 2] ^= 1
            refused = esp_hex.ask("open", cipher, integrity, SPI, sequence, bytes(spoilt))
            checked += 1
            for ok, what in ((opened == packet, f"scapy did not open ours: {opened[:80]}"),
                             (back == packet, f"we did not open scapy's: {back}"),
                             (refused == "- wrong ICV", f"a wrong packet was not refused: {refused}")):
                if not ok:
                    failed += 1
                    print(f"{cipher}/{integrity} {size} octets: {what}")
    print(f"{checked} packets of {len(list(suites.suites()))} suites each way, {failed} failures")
    sys.exit(1 if failed or not checked else 0)


main()
