// The formulas of IKEv1: RFC 2409 5 (SKEYID), 5.5 (KEYMAT), Appendix B (encryption keys and IVs). Names are
// the RFC's. Pure; `*_b` is a payload body without its generic header; cookies are 8 octets.
#pragma once

#include <cstdint>

#include "base/secret.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::crypto {

/// SKEYID for pre-shared keys: prf(pre-shared-key, Ni_b | Nr_b).
Secret skeyid_from_psk(HashId prf, ByteView psk, ByteView ni_b, ByteView nr_b);

/// What follows from SKEYID (RFC 2409 5).
struct Skeyids {
    Secret skeyid;
    Secret skeyid_d;
    Secret skeyid_a;
    Secret skeyid_e;
};
Skeyids derive_skeyids(HashId prf, Secret skeyid, ByteView gxy, ByteView cky_i, ByteView cky_r);

/// Ka (Appendix B): SKEYID_e cut to the cipher's key length, or expanded K1 | K2 | ... when it is shorter.
Secret encryption_key(HashId prf, ByteView skeyid_e, CipherId cipher);

/// First IV of Phase 1: HASH(g^xi | g^xr), cut to the block.
Bytes phase1_iv(HashId hash, ByteView gxi, ByteView gxr, CipherId cipher);
/// First IV of any later exchange: HASH(last block of Phase 1 | M-ID), cut to the block.
Bytes phase2_iv(HashId hash, ByteView last_phase1_block, std::uint32_t message_id, CipherId cipher);

/// HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b).
Bytes hash_i(HashId prf, ByteView skeyid, ByteView gxi, ByteView gxr, ByteView cky_i, ByteView cky_r,
             ByteView sai_b, ByteView idii_b);
/// HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b).
Bytes hash_r(HashId prf, ByteView skeyid, ByteView gxi, ByteView gxr, ByteView cky_i, ByteView cky_r,
             ByteView sai_b, ByteView idir_b);

/// HASH(1) = prf(SKEYID_a, M-ID | rest); also the hash of an Informational (RFC 2409 5.5, 5.7).
Bytes hash_1(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView rest);
/// HASH(2) = prf(SKEYID_a, M-ID | Ni_b | rest).
Bytes hash_2(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView ni_b, ByteView rest);
/// HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b).
Bytes hash_3(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView ni_b, ByteView nr_b);

/// KEYMAT of `octets` octets (RFC 2409 5.5): prf+(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b).
/// `gxy_qm` is empty without PFS; `spi` is the one chosen by the receiver of the traffic.
Secret keymat(HashId prf, ByteView skeyid_d, ByteView gxy_qm, std::uint8_t protocol, std::uint32_t spi,
              ByteView ni_b, ByteView nr_b, std::size_t octets);

/// NAT-D payload body: HASH(CKY-I | CKY-R | address | port) (RFC 3947 3.2); `port` in host order.
Bytes nat_d_hash(HashId hash, ByteView cky_i, ByteView cky_r, ByteView address, std::uint16_t port);

}  // namespace causeway::crypto
