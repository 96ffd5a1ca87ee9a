// The page of `causeway report`: whole by itself, whatever a name or a peer's word holds stays text, and a masked one has no
// address of anybody.
#include "cli/report_page.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "cli/html.hpp"
#include "history/history.hpp"
#include "status/status.hpp"

namespace causeway::cli {
namespace {

using std::chrono::seconds;

status::Told told(const std::string& message, const std::string& remedy) {
    status::Told one;
    one.code = "peer-silent";
    one.severity = Severity::error;
    one.message = message;
    one.remedy = remedy;
    return one;
}

/// Two tunnels of one peer, the first up; `name` stands wherever a text of somebody else's may.
control::Status status_with(const std::string& name) {
    control::Status status;
    status.daemon.version = name;
    status.daemon.now = 1'800'000'000;
    status.daemon.uptime_seconds = 7200;
    status.daemon.config_file = name;
    status.daemon.data_plane.kind = name;
    status.daemon.data_plane.device = name;
    status.findings = {told(name, name)};
    status.engine.strangers.push_back({name, {told(name, name), Instant(seconds(-60)), 3}});
    status::Peer& peer = status.engine.peers.emplace_back();
    peer.name = name;
    peer.gateway = name;
    peer.round_trip_us = 23'400;
    peer.findings.push_back({told(name + " again", name), Instant(seconds(-30)), 2});
    status::Tunnel& up = peer.tunnels.emplace_back();
    up.display_name = up.local = up.remote = name;
    up.sas.emplace_back().state = status::ChildSaState::installed;
    up.sas.back().suite = name;
    up.up_since = Instant(seconds(-3600));
    up.totals.bytes_in = 3 * 1024 * 1024;
    up.totals.bytes_out = 1024;
    up.lamps = {status::TunnelLamp::up, status::RouteLamp::placed, status::FirewallLamp::open};
    status::Tunnel& down = peer.tunnels.emplace_back();
    down.display_name = name;
    down.next = name;
    down.why_down = told(name, name);
    down.down_since = Instant(seconds(-600));
    down.lamps = {status::TunnelLamp::down, status::RouteLamp::shadowed, status::FirewallLamp::blocked};
    return status;
}

/// A day: up at first, down at the end, one renewal.
history::History history_with(const std::string& name) {
    history::History history;
    history.now = 1'800'000'000;
    auto& one = history.connections.emplace_back();
    one.name = name;
    one.steps.resize(history::default_hours * history::steps_of_an_hour);
    for (std::size_t i = 0; i < one.steps.size(); ++i) {
        const auto state = i < 144 ? history::State::up : history::State::down;
        for (auto& mark : one.steps[i].marks) {
            mark.state = state;
        }
        one.steps[i].round_trip_us = i < 144 ? std::optional<std::uint32_t>(20'000 + i) : std::nullopt;
    }
    one.steps[10].marks[2].tick = true;
    one.whys.push_back({1'799'990'000, 1'799'990'000, 1, name});
    return history;
}

std::string page_with(const std::string& name) {
    return report_page(status_with(name), history_with(name),
                       [](std::string_view text) { return std::string(text); });
}

TEST(Html, KeepsTextText) {
    EXPECT_EQ(html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    EXPECT_EQ(html("Köln €"), "Köln €");
    const std::string instead = "\xef\xbf\xbd";
    EXPECT_EQ(html(std::string("a\0\x1b[1m\n\x7f", 8)), "a" + instead + instead + "[1m" + instead + instead);
    EXPECT_EQ(html("\xe2\x80\xae"
                   "abc"
                   "\xe2\x81\xa9"),
              instead + "abc" + instead);
    EXPECT_EQ(html("\xe2\x80\x94"), "\xe2\x80\x94");
}

TEST(ReportPage, TellsWhatIsUpAndWhatIsNot) {
    const std::string page = page_with("office");
    for (const char* const part :
         {"1 of 2 tunnels are up.", "<bdi>office</bdi>", "lamp good", "Tunnel: up", "Route: taken by another",
          "Firewall: blocked", "down for 10 minutes", "Traffic in: 3.0 MiB", "Traffic out: 1.0 KiB",
          "Phase 2: up 50 % of the watched time", "Round trip: 23 ms, at most 23 ms", "24 hours ago",
          "office again (2 times), first 30 seconds ago", "(3 times)"}) {
        EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
    }
}

TEST(ReportPage, NeedsNothingElse) {
    const std::string page = page_with("office");
    EXPECT_NE(page.find("content=\"default-src 'none'; style-src 'unsafe-inline'\""), std::string::npos);
    for (const char* const part :
         {"<script", "http:", "https:", "src=", "href=", "url(", "@import", "<link", "<img"}) {
        EXPECT_EQ(page.find(part), std::string::npos) << part;
    }
}

/// Each tag that is opened is closed, in order.
std::vector<std::string> open_at_the_end(const std::string& page) {
    std::vector<std::string> open;
    const std::regex tag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
    for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
        const std::string name = (*it)[2];
        if ((*it)[3] == "/" || name == "meta") {
            continue;
        }
        if ((*it)[1] != "/") {
            open.push_back(name);
        } else if (!open.empty() && open.back() == name) {
            open.pop_back();
        } else {
            return {"</" + name + "> in " + (open.empty() ? "nothing" : open.back())};
        }
    }
    return open;
}

TEST(ReportPage, IsWholeWhateverANameHolds) {
    const std::size_t tags = static_cast<std::size_t>(std::ranges::count(page_with("office"), '<'));
    for (const std::string& name :
         {std::string("office"), std::string("<script>alert(1)</script>"),
          std::string("\"><img src=x onerror=y>"), std::string("' style='x"),
          std::string("</style></section>"), std::string("]]>--><!--"), std::string("&lt;b&gt;"),
          std::string("{}{0}"), std::string("a\0b\x1b[31m\x07", 9)}) {
        const std::string page = page_with(name);
        EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(page, '<')), tags) << page;
        EXPECT_EQ(open_at_the_end(page), std::vector<std::string>{}) << page;
        EXPECT_EQ(page.find('\x1b'), std::string::npos);
        EXPECT_EQ(page.find('\0'), std::string::npos);
        if (name.find_first_of("<>\"'&") != std::string::npos) {
            EXPECT_EQ(page.find(name), std::string::npos) << name;
        }
    }
}

TEST(ReportPage, HasNoStripsWithoutAHistory) {
    const std::string page = report_page(status_with("office"), std::nullopt,
                                         [](std::string_view text) { return std::string(text); });
    EXPECT_EQ(page.find("watched"), std::string::npos);
    EXPECT_EQ(open_at_the_end(page), std::vector<std::string>{});
}

TEST(ReportPage, MasksAddressesAndNames) {
    const std::string address = "203.0.113.56";
    const std::string six = "2001:db8:17::5";
    const std::string host = "office.dyndns.example.org";
    control::Status status = status_with("office");
    auto& peer = status.engine.peers.front();
    peer.gateway = host;
    peer.local_id = "@home.example.net";
    peer.tunnels[0].local = "192.168.178.0/24";
    peer.tunnels[1].why_down =
        told("no reply from " + address + " or " + six, "ask root@" + host + ", who is @home.example.net");
    auto& sa = peer.ike_sas.emplace_back();
    sa.state = status::IsakmpSaState::established;
    sa.remote.address = *IpAddress::parse(address);
    status.engine.strangers.front().why.what.message =
        address + " starts Main Mode as OFFICE.dyndns.example.org";
    history::History history = history_with("office");
    history.connections.front().whys.front().message = host + " is " + address;
    const std::string plain =
        report_page(status, history, [](std::string_view text) { return std::string(text); });
    const std::string page = masked_report_page(status, history);
    for (const std::string& part :
         {address, six, host, std::string("192.168.178"), std::string("home.example.net")}) {
        EXPECT_NE(plain.find(part), std::string::npos) << part;
        EXPECT_EQ(page.find(part), std::string::npos) << part << "\n" << page;
    }
    EXPECT_EQ(page.find("OFFICE"), std::string::npos);
    // An address has one mask, wherever it stands.
    std::smatch first;
    ASSERT_TRUE(std::regex_search(page, first, std::regex("no reply from ([0-9.]+) or"))) << page;
    EXPECT_NE(page.find(first[1].str() + " starts Main Mode"), std::string::npos) << page;
    EXPECT_NE(page.find("(" + first[1].str() + ")"), std::string::npos) << page;
    EXPECT_EQ(open_at_the_end(page), std::vector<std::string>{});
}

}  // namespace
}  // namespace causeway::cli
