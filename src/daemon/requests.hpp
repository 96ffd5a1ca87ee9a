// What the confined process asks of its parent (parent.hpp), and the answers, as values and as octets. Each request is one thing
// that the daemon does after its start; none has a path, a command line or a text for another program in it: the parent knows
// its files, and makes rules for nft and iptables itself, from values. Pure. A request comes from a process that somebody may
// have taken over: parse_request() believes no count and no name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/event.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "firewall/guard.hpp"
#include "firewall/openings.hpp"
#include "host/nft_chains.hpp"
#include "host/outside.hpp"

namespace causeway::daemon {

/// The control socket to listen on, and the file with the daemon's number. Error exists: another daemon has it. Once, at the start.
struct OpenControl {};
/// Held by both processes: no other daemon begins while one of them lives.
struct ShareLock {};
/// To be read. 0: the file that the command line names; from 1 on one of config::default_files, which are there when it names none.
struct OpenConfiguration {
    std::uint8_t which = 0;
};
struct OpenSystemFile {
    host::SystemFile file{};
    std::string device{};  ///< empty, or the name of one
};
/// Which of the programs there are: nft 1, iptables-restore 2.
struct FindPrograms {};
struct ListChains {};
/// As nft lists it.
struct ListTable {
    bool inet = false;  ///< else of the family ip
    std::string table;
};
/// Replaces the guard's table; nothing removes it. Table, device and mark are the parent's matter.
struct PlaceGuard {
    std::optional<firewall::Guard> guard;
};
/// firewall/openings.hpp, in place of what was placed before. The device is the parent's matter.
struct PlaceOpenings {
    config::Firewall kind{};
    firewall::Openings openings;
    std::string zone;
};
/// `ubus call network.interface dump`: where to read what it prints.
struct StartUbus {};
/// Whether it has ended; kills it before.
struct EndUbus {
    bool kill = false;
};
/// A fresh file of the daemon's own to be written, which then takes the place of the other or is dropped.
struct FreshFile {
    enum class Which : std::uint8_t { history, metrics };
    enum class Step : std::uint8_t { begin, keep, drop };
    Which which = Which::history;
    Step step = Step::begin;
};
/// A line for syslog.
struct WriteLog {
    Level level = Level::error;
    std::string line;
};
/// For whoever has started the daemon.
struct Announce {
    enum class What : std::uint8_t { ready, stopping, failed };
    What what = What::ready;
    std::string text{};  ///< of a failure
};

/// Where the metrics go, an absolute path. Once, before the daemon is ready: so long nobody's datagram has been read.
struct NameMetricsFile {
    std::string path;
};

using Request = std::variant<OpenControl, ShareLock, OpenConfiguration, OpenSystemFile, FindPrograms,
                             ListChains, ListTable, PlaceGuard, PlaceOpenings, StartUbus, EndUbus, FreshFile,
                             WriteLog, Announce, NameMetricsFile>;

/// Of which any is empty that the request does not ask for. A descriptor travels beside it.
struct Answer {
    std::optional<Error> error{};  ///< without its place
    std::uint64_t number = 0;
    std::uint64_t second = 0;
    std::string text{};
    std::vector<host::NftChain> chains{};
};

/// Octets of a message. Ten thousand tunnels take some hundred thousand.
inline constexpr std::size_t max_request_octets = std::size_t{8} << 20U;
/// A ruleset as text is the longest.
inline constexpr std::size_t max_answer_octets = std::size_t{8} << 20U;
/// In each list of a request.
inline constexpr std::size_t max_listed = 200'000;
inline constexpr std::size_t max_line_octets = 4096;

Bytes encode(const Request& request);
Bytes encode(const Answer& answer);

/// Errors: malformed, octets that are no request; unacceptable, a name or a number that none may have.
Result<Request> parse_request(ByteView octets);
Result<Answer> parse_answer(ByteView octets);

/// A table's, a zone's: letters, digits, '_', '-' and '.', a letter or '_' first; what nft and fw4 take without quotation marks.
bool is_plain_name(std::string_view name);

}  // namespace causeway::daemon
