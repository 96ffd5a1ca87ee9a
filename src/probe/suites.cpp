#include "probe/suites.hpp"

#include <array>
#include <vector>

namespace causeway::probe {

namespace {

using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;

struct Row {
    CipherId cipher;
    HashId hash;
    GroupId group;
};

// A FRITZ!Box is known to take AES and 3DES with SHA2-512, SHA1 or MD5 and the groups 2, 5, 14 and 15 (AVM's
// knowledge base on company VPN, 2021); strongSwan and libreswan add SHA2-256 and SHA2-384, and the elliptic curves.
// Combinations that no default and no guide names are left out.
constexpr std::array rows{
    Row{CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp4096},
    Row{CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp3072},
    Row{CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp2048},
    Row{CipherId::aes_cbc_256, HashId::sha2_384, GroupId::modp3072},
    Row{CipherId::aes_cbc_256, HashId::sha2_384, GroupId::modp2048},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::modp4096},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::modp3072},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::modp2048},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::ecp256},
    Row{CipherId::aes_cbc_256, HashId::sha2_384, GroupId::ecp384},
    Row{CipherId::aes_cbc_256, HashId::sha1, GroupId::modp2048},
    Row{CipherId::aes_cbc_128, HashId::sha2_512, GroupId::modp2048},
    Row{CipherId::aes_cbc_128, HashId::sha2_256, GroupId::modp3072},
    Row{CipherId::aes_cbc_128, HashId::sha2_256, GroupId::modp2048},
    Row{CipherId::aes_cbc_128, HashId::sha2_256, GroupId::ecp256},
    Row{CipherId::aes_cbc_128, HashId::sha1, GroupId::modp2048},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::modp1536},
    Row{CipherId::aes_cbc_256, HashId::sha1, GroupId::modp1536},
    Row{CipherId::aes_cbc_128, HashId::sha1, GroupId::modp1536},
    Row{CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp1024},
    Row{CipherId::aes_cbc_256, HashId::sha2_256, GroupId::modp1024},
    Row{CipherId::aes_cbc_256, HashId::sha1, GroupId::modp1024},
    Row{CipherId::aes_cbc_128, HashId::sha2_256, GroupId::modp1024},
    Row{CipherId::aes_cbc_128, HashId::sha1, GroupId::modp1024},
    Row{CipherId::aes_cbc_128, HashId::md5, GroupId::modp1024},
    Row{CipherId::tdes_cbc, HashId::sha1, GroupId::modp2048},
    Row{CipherId::tdes_cbc, HashId::sha1, GroupId::modp1536},
    Row{CipherId::tdes_cbc, HashId::sha1, GroupId::modp1024},
    Row{CipherId::tdes_cbc, HashId::md5, GroupId::modp1024},
};

}  // namespace

std::vector<config::Phase1Proposal> common_suites() {
    std::vector<config::Phase1Proposal> suites;
    for (const auto& row : rows) {
        suites.push_back({.cipher = row.cipher, .hash = row.hash, .group = row.group});
    }
    return suites;
}

}  // namespace causeway::probe
