// Reading a configuration as large as is admitted: time, and the most memory that it took, as a multiple of
// the text's own size (the text included).
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <fstream>
#include <string>

#include "config/load.hpp"
#include "config/verdict.hpp"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace)

constexpr std::size_t full_size = std::size_t{64} << 20U;

std::string uci(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() + 2048 < size; ++i) {
        text += fmt::format(
            "\nconfig remote 'Site{0}'\n\toption enabled '1'\n\toption gateway 'site{0}.dyndns.example'\n"
            "\toption exchange_mode 'main'\n\toption authentication_method 'psk'\n"
            "\toption local_identifier '@localsite.dyndns.example'\n"
            "\toption remote_identifier '@site{0}.dyndns.example'\n"
            "\toption pre_shared_key 'abcdefghijklmnopqrstuvwxyz{0}'\n\tlist p1_proposal 'ike{0}'\n"
            "\tlist tunnel 'lan{0}'\n\nconfig p1_proposal 'ike{0}'\n\toption encryption_algorithm 'aes128'\n"
            "\toption hash_algorithm 'sha1'\n\toption dh_group 'modp1024'\n\nconfig tunnel 'lan{0}'\n"
            "\toption local_subnet '192.168.1.0/24'\n\toption remote_subnet '10.{1}.{2}.0/24'\n"
            "\toption p2_proposal 'esp'\n",
            i, i / 256 % 256, i % 256);
    }
    return text +
           "\nconfig p2_proposal 'esp'\n\toption pfs_group 'modp1024'\n\toption encryption_algorithm "
           "'aes128'\n"
           "\toption authentication_algorithm 'sha1'\n";
}

std::string vpncfg(std::size_t size) {
    std::string text = "vpncfg {\n        connections";
    for (int i = 0; text.size() + 2048 < size; ++i) {
        text += fmt::format(
            " {{\n                enabled = yes;\n                conn_type = conntype_lan;\n"
            "                name = \"site{0}\";\n                always_renew = no;\n"
            "                reject_not_encrypted = no;\n                dont_filter_netbios = yes;\n"
            "                localip = 0.0.0.0;\n                local_virtualip = 0.0.0.0;\n"
            "                remoteip = 0.0.0.0;\n                remote_virtualip = 0.0.0.0;\n"
            "                remotehostname = \"site{0}.example\";\n                localid {{\n"
            "                        fqdn = \"box.example\";\n                }}\n                remoteid "
            "{{\n"
            "                        fqdn = \"site{0}.example\";\n                }}\n"
            "                mode = phase1_mode_idp;\n                phase1ss = \"all/all/all\";\n"
            "                keytype = connkeytype_pre_shared;\n                key = "
            "\"abcdefghijklmnopqrstuvwxyz{0}\";\n"
            "                cert_do_server_auth = no;\n                use_nat_t = yes;\n"
            "                use_xauth = no;\n                use_cfgmode = no;\n                "
            "phase2localid {{\n"
            "                        ipnet {{\n                                ipaddr = 192.168.1.0;\n"
            "                                mask = 255.255.255.0;\n                        }}\n             "
            "   }}\n"
            "                phase2remoteid {{\n                        ipnet {{\n"
            "                                ipaddr = 10.{1}.{2}.0;\n                                mask = "
            "255.255.255.0;\n"
            "                        }}\n                }}\n"
            "                phase2ss = \"esp-all-all/ah-none/comp-all/pfs\";\n"
            "                accesslist = \"permit ip any 10.{1}.{2}.0 255.255.255.0\";\n        }}",
            i, i / 256 % 256, i % 256);
    }
    return text + "\n}\n";
}

std::string unknown_options(std::size_t size) {
    std::string text = "config remote 'far'\n";
    for (int i = 0; text.size() + 64 < size; ++i) {
        text += fmt::format("\toption unknown_option{} 'with a value of its own'\n", i);
    }
    return text;
}

/// VmHWM, the most memory so far since it was reset, in octets.
double peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            double kilobytes = 0;
            status >> kilobytes;
            return kilobytes * 1024;
        }
    }
    return 0;
}

void read(benchmark::State& state, std::string (*make)(std::size_t)) {
    const auto text = make(full_size);
    std::ofstream("/proc/self/clear_refs") << "5";
    const double before = peak_memory() - static_cast<double>(text.size());
    for (auto _ : state) {
        const auto model = config::load(text, "f");
        benchmark::DoNotOptimize(model);
    }
    const double taken = peak_memory() - before;
    state.SetBytesProcessed(
        static_cast<std::int64_t>(state.iterations() * static_cast<std::int64_t>(text.size())));
    state.counters["memory"] = taken / static_cast<double>(text.size());
}

BENCHMARK_CAPTURE(read, uci, uci)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(read, vpncfg, vpncfg)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(read, unknown_options, unknown_options)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
