// The rows of the table of options are true: their ranges are kept, and their defaults are what a file
// without the option means.
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "config/uci/options.hpp"
#include "config/words.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using uci::Holds;
using uci::OptionRule;
using uci::SectionKind;

/// One remote with one tunnel, of G2; `line` stands in the section of the kind, and moves no other line.
std::string file_with(SectionKind kind, const std::string& line) {
    const auto in = [&](SectionKind here) { return here == kind ? line : std::string("\n"); };
    return fmt::format(
        "config ipsec\n{}config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n"
        " option authentication_method psk\n option pre_shared_key 'nine and twenty characters it is'\n"
        " option keyexchange ikev1\n list crypto_proposal p\n list tunnel t\n{}"
        "config tunnel 't'\n list local_subnet 192.168.1.0/24\n list remote_subnet 192.168.2.0/24\n"
        " list crypto_proposal p\n{}"
        "config crypto_proposal 'p'\n option encryption_algorithm aes256\n option hash_algorithm sha1\n"
        " option dh_group modp2048\n{}",
        in(SectionKind::ipsec), in(SectionKind::remote), in(SectionKind::tunnel),
        in(SectionKind::crypto_proposal));
}

std::string file_with(const OptionRule& rule, std::string_view value) {
    // Read only beside the time that it is added to.
    const auto* const beside = rule.name == "overtime" ? " option rekeytime 1h\n" : "";
    return file_with(rule.section, fmt::format(" option {} '{}'\n{}", rule.name, value, beside));
}

/// All that an option with a default can change.
std::string meaning_of(const Model& model) {
    const auto& options = model.options;
    std::string text =
        describe(model) + fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}\n", name_of(options.firewall),
                                      options.debug, options.copy_dscp, options.tun_mtu, options.probe_path,
                                      name_of(options.data_plane), name_of(options.offloads.tun),
                                      name_of(options.offloads.udp_send),
                                      name_of(options.offloads.udp_receive), options.replay_window,
                                      in_words(options.lookup_floor), in_words(options.lookup_ceiling));
    for (const auto& peer : model.peers) {
        text += fmt::format("{} {} {} {} {} {} {} {} {}\n", name_of(peer.mode), peer.lifetime.seconds,
                            peer.nat_traversal, peer.force_encapsulation, peer.liveness.enabled,
                            in_words(peer.liveness.idle), peer.liveness.misses, peer.rekey,
                            peer.quirks.accept_any_mode_as_responder);
        for (const auto& tunnel : peer.tunnels) {
            text += fmt::format("{} {}\n", tunnel.lifetime.seconds, static_cast<int>(tunnel.start));
        }
    }
    return text;
}

/// The default is a value, and not a description of one.
bool is_value(const OptionRule& rule) {
    switch (rule.holds) {
        case Holds::boolean:
            return parse_boolean(rule.otherwise).has_value();
        case Holds::number:
            return parse_number(rule.otherwise).has_value();
        case Holds::duration:
            return parse_duration(rule.otherwise).has_value();
        case Holds::text:
            return rule.otherwise == "main" || rule.otherwise == "route" || rule.otherwise == "auto";
        default:
            return false;
    }
}

TEST(OptionRows, ADefaultIsWhatAFileWithoutTheOptionMeans) {
    const auto without = meaning_of(read(file_with(SectionKind::ipsec, "\n")));
    std::size_t tried = 0;
    for (const auto& rule : uci::option_table()) {
        // G1 keeps in the tunnel what is the peer's; its own defaults are said there.
        const bool g1_alone = rule.known_to == uci::g1;
        if (!rule.otherwise.empty() && is_value(rule) && !g1_alone) {
            EXPECT_EQ(meaning_of(read(file_with(rule, rule.otherwise))), without) << rule.name;
            ++tried;
        }
    }
    EXPECT_GT(tried, 14U);
}

TEST(OptionRows, ARangeIsKept) {
    std::size_t tried = 0;
    for (const auto& rule : uci::option_table()) {
        if (!rule.range.limited()) {
            continue;
        }
        ++tried;
        for (const auto inside : {rule.range.least, rule.range.most}) {
            EXPECT_THAT(remarks(read(file_with(rule, std::to_string(inside)))),
                        testing::Not(testing::HasSubstr("not understood")))
                << rule.name << " " << inside;
        }
        std::vector<std::uint64_t> outside{rule.range.most + 1};
        if (rule.range.least > 0) {
            outside.push_back(rule.range.least - 1);
        }
        for (const auto value : outside) {
            EXPECT_THAT(remarks(read(file_with(rule, std::to_string(value)))),
                        testing::HasSubstr("from " + uci::range_text(rule)))
                << rule.name << " " << value;
        }
    }
    EXPECT_GT(tried, 12U);
}

}  // namespace
}  // namespace causeway::config
