#include "crypto/dh.hpp"

#include <fmt/format.h>
#include <memory>
#include <optional>

#include "crypto/openssl/dh_groups.hpp"

namespace causeway::crypto {
namespace openssl {

namespace {

MadeKey make_key(GroupId group, PrivateValue private_value) {
    switch (group) {
        case GroupId::modp768:
            return fail(Errc::unsupported, "modp768 is too small to keep a secret");
        case GroupId::modp1024:
        case GroupId::modp1536:
        case GroupId::modp2048:
        case GroupId::modp3072:
        case GroupId::modp4096:
            return make_modp_key(group, private_value);
        case GroupId::ecp256:
        case GroupId::ecp384:
        case GroupId::ecp521:
            return make_ecp_key(group, private_value);
        case GroupId::x25519:
            return make_x25519_key(private_value);
    }
    return fail(Errc::unsupported,
                fmt::format("Diffie-Hellman group {} is not known", static_cast<unsigned>(group)));
}

}  // namespace
}  // namespace openssl

Result<void> judge_public_value(GroupId group, ByteView peer_public) {
    const GroupInfo& g = info(group);
    if (peer_public.size() != g.public_octets) {
        return fail(Errc::malformed, fmt::format("the peer's {} public value has {} octets, not {}", g.name,
                                                 peer_public.size(), g.public_octets));
    }
    switch (group) {
        case GroupId::modp1024:
        case GroupId::modp1536:
        case GroupId::modp2048:
        case GroupId::modp3072:
        case GroupId::modp4096:
            return openssl::judge_modp_value(group, peer_public);
        case GroupId::ecp256:
        case GroupId::ecp384:
        case GroupId::ecp521:
            return openssl::judge_ecp_value(group, peer_public);
        case GroupId::x25519:
            return openssl::judge_x25519_value(peer_public);
        case GroupId::modp768:
            break;
    }
    return fail(Errc::unsupported, fmt::format("{} is not used", g.name));
}

Result<std::unique_ptr<DhKey>> generate_dh_key(GroupId group) {
    return openssl::make_key(group, std::nullopt);
}

Result<std::unique_ptr<DhKey>> dh_key_from_private(GroupId group, ByteView private_value) {
    return openssl::make_key(group, private_value);
}

}  // namespace causeway::crypto
