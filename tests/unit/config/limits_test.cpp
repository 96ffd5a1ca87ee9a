// Every reader is linear, whatever a file is large with, and one limit holds for all formats.
#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <malloc.h>
#include <string>

#include "config/load.hpp"
#include "config/verdict.hpp"

namespace causeway::config {
namespace {

using Make = std::function<std::string(int)>;

std::string repeated(int count, const std::function<std::string(int)>& part) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += part(i);
    }
    return text;
}

std::string remote(int i, const std::string& more) {
    return fmt::format(
        "config remote 'far{0}'\n option enabled '1'\n option gateway 'far.example'\n"
        " option authentication_method 'psk'\n option pre_shared_key 'abcdefghijklmnopqrstuvwxyz'\n"
        " option exchange_mode 'main'\n list tunnel 'lan{0}'\n list p1_proposal 'ike{0}'\n{1}"
        "config tunnel 'lan{0}'\n option local_subnet '10.1.0.0/24'\n option remote_subnet '10.2.0.0/24'\n"
        "config p1_proposal 'ike{0}'\n option encryption_algorithm 'aes256'\n option hash_algorithm "
        "'sha256'\n"
        " option dh_group 'modp2048'\n",
        i, more);
}

std::string connection(const std::string& name, const std::string& more) {
    return "connections { name = \"" + name +
           "\"; remotehostname = \"b.example\"; mode = phase1_mode_idp; key = \"kkkkkkkkkkkkkkkkkkkkkkkk\";\n"
           "phase2localid { ipaddr = 10.1.0.1; } phase2remoteid { ipaddr = 10.2.0.1; }\n" +
           more + "}\n";
}

/// What was freed once is kept for the next reading: else the large one alone pays the kernel for its memory, again and again.
void keep_memory() {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_MAX, 0);
    ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

/// Processor time of one reading: other programs on the machine do not count.
double seconds(const std::string& text) {
    const auto before = std::clock();
    const auto model = load(text, "f");
    const auto said = model ? findings(*model).size() : findings(model.error()).size();
    const auto after = std::clock();
    EXPECT_GT(said, 0U);
    return static_cast<double>(after - before) / CLOCKS_PER_SEC;
}

/// Twice the input takes at most 2.5 times the work, so four times takes 6.25 times; what is quadratic takes
/// 16 times. The best of several readings; as soon as it holds, it holds.
void expect_linear(const char* name, int count, const Make& make) {
    keep_memory();
    const auto small = make(count);
    const auto large = make(4 * count);
    double of_small = 0;
    double of_large = 0;
    double best_large = std::numeric_limits<double>::max();
    double best_small = std::numeric_limits<double>::max();
    for (int i = 0; i < 12; ++i) {
        of_small = seconds(small);
        of_large = seconds(large);
        best_small = std::min(best_small, of_small);
        best_large = std::min(best_large, of_large);
        if (i >= 2 && best_large <= 6.25 * best_small) {
            break;
        }
    }
    EXPECT_LE(best_large, 6.25 * best_small) << name << ": " << best_small << " s and " << best_large << " s";
}

TEST(Limits, EveryReaderIsLinear) {
    expect_linear("unknown options of one section", 2500, [](int count) {
        return remote(0, repeated(count, [](int i) { return fmt::format(" option zzzz{} '1'\n", i); }));
    });
    expect_linear("remotes", 500,
                  [](int count) { return repeated(count, [](int i) { return remote(i, ""); }); });
    expect_linear("remotes that are refused", 500, [](int count) {
        return repeated(count, [](int i) { return remote(i, " option exchange_mode 'mail'\n"); });
    });
    expect_linear("values of one list", 5000, [](int count) {
        return "config ipsec\n" +
               repeated(count, [](int i) { return fmt::format(" list listen 'd{}'\n", i); }) + remote(0, "");
    });
    expect_linear("one section again and again", 2500, [](int count) {
        return remote(0, "") + repeated(count, [](int i) {
                   return fmt::format(
                       "config tunnel 'lan0'\n option z{} 1\nconfig remote 'far0'\n option z{} 1\n", i, i);
               });
    });
    expect_linear("commands on one line", 5000, [](int count) {
        const auto text = remote(0, "") + "config ipsec\n option 'z' '1'" +
                          repeated(count, [](int i) { return fmt::format("; option 'z{}' '1'", i); }) + "\n";
        EXPECT_TRUE(load(text, "f"));
        return text;
    });
    expect_linear("lines of one value", 10000, [](int count) {
        return remote(0, "") + "config ipsec\n option zzzz '" +
               repeated(count, [](int) { return "line\n"; }) + "'\n";
    });
    expect_linear("keys of one connection", 2500, [](int count) {
        return "vpncfg {\n" +
               connection("n", repeated(count, [](int i) { return fmt::format("zzzz{} = yes;\n", i); })) +
               "}\n";
    });
    expect_linear("one key again and again", 2500, [](int count) {
        return "vpncfg {\n" + connection("n", repeated(count, [](int) { return "always_renew = yes;\n"; })) +
               "}\n";
    });
    expect_linear("connections of one name", 500, [](int count) {
        return "vpncfg {\n" + repeated(count, [](int) { return connection("n", ""); }) + "}\n";
    });
    expect_linear("connections that are refused", 500, [](int count) {
        return "vpncfg {\n" +
               repeated(count, [](int) { return connection("n", "remoteid { fqdn = \"\"; }"); }) + "}\n";
    });
    expect_linear("blocks beside the connections", 2500, [](int count) {
        return "vpncfg {\n" + connection("n", "") +
               repeated(count, [](int i) { return fmt::format("zzzz{} {{ }}\n", i); }) + "}\n";
    });
}

TEST(Limits, TheReaderOfIpsecConfIsLinear) {
    const std::string one =
        " keyexchange=ikev1\n authby=psk\n right=b.example\n leftsubnet=10.1.0.0/24\n "
        "rightsubnet=10.2.0.0/24\n auto=add\n";
    expect_linear("conns", 100, [&](int count) {
        return repeated(count, [&](int i) { return fmt::format("conn c{}\n{}", i, one); });
    });
    expect_linear("conns that take over others", 100, [&](int count) {
        return "conn base\n" + one + repeated(count, [](int i) {
                   return fmt::format("conn c{}\n also=d{}\nconn d{}\n also=base\n", i, i, i);
               });
    });
    expect_linear("one conn again and again", 2500, [&](int count) {
        return repeated(count, [&](int i) { return fmt::format("conn c\n lifetime={}\n", i); });
    });
    expect_linear("unknown keys", 2500, [&](int count) {
        return "conn c\n" + repeated(count, [](int i) { return fmt::format(" zzzz{}=1\n", i); });
    });
    expect_linear("networks of one end", 5000, [&](int count) {
        return "conn c\n" + one + " rightsubnet=10.0.0.0/24" +
               repeated(count, [](int) { return ",10.3.0.0/16"; }) + "\n";
    });
}

TEST(Limits, OneLimitForAllFormats) {
    static_assert(max_text == std::size_t{64} << 20U);
    const std::string wide(max_text + 1, '\n');
    for (const auto format : {Format::uci, Format::vpncfg, Format::ipsec_conf}) {
        const auto model = load(wide, "f", format);
        ASSERT_FALSE(model.has_value());
        EXPECT_EQ(model.error().code, Errc::limit);
        EXPECT_NE(model.error().what.find("more than the 67108864 that are read"), std::string::npos);
    }
    EXPECT_TRUE(load(remote(0, "") + std::string(std::size_t{8} << 20U, '\n'), "f").has_value());
    EXPECT_TRUE(load("vpncfg {" + connection("n", "") + std::string(std::size_t{8} << 20U, ' ') + "}", "f")
                    .has_value());
}

}  // namespace
}  // namespace causeway::config
