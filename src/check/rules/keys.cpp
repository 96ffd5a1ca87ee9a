// Pre-shared keys: whether they are one, of what kind the difference is, and who may call with which. Never shows one.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"
#include "config/key_text.hpp"
#include "negotiation/peer.hpp"

namespace causeway::check {
namespace {

std::string_view characters(const Secret& key) {
    const auto octets = key.view();
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool equal_without_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Letters and digits that look alike.
bool look_alike(std::string_view a, std::string_view b) {
    constexpr std::array<std::string_view, 2> classes{"0Oo", "1lI|"};
    return std::ranges::equal(a, b, [&](char x, char y) {
        return x == y || std::ranges::any_of(classes, [&](std::string_view one) {
                   return one.find(x) != std::string_view::npos && one.find(y) != std::string_view::npos;
               });
    });
}

std::string_view without_quotes(std::string_view text) {
    const bool quoted =
        text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The kind of the difference, of which nobody learns the key.
std::string difference(std::string_view here, std::string_view there) {
    if (trimmed(here) == trimmed(there)) {
        return std::string("; ") + (here.size() > there.size() ? "here" : "there") +
               " it has blanks at an end";
    }
    if (without_quotes(here) == there || here == without_quotes(there)) {
        return std::string("; ") + (here.size() > there.size() ? "here" : "there") +
               " the quotes are part of it";
    }
    if (equal_without_case(here, there)) {
        return "; only capital and small letters differ";
    }
    if (look_alike(here, there)) {
        return "; only characters that look alike differ (0 and O, 1 and l)";
    }
    if (here.starts_with(there) || there.starts_with(here)) {
        return std::string("; ") + (here.size() > there.size() ? "there" : "here") +
               " it ends early, as if the file could not carry a character";
    }
    return "";
}

/// What one side takes for characters and the other decodes.
std::optional<std::string> encoding(std::string_view written, const Secret& other) {
    for (const std::string_view prefix : {"0x", "0s"}) {
        const auto decoded = written.starts_with(prefix) ? config::decoded_key(written) : std::nullopt;
        if (decoded && *decoded == other) {
            return std::string(prefix);
        }
    }
    return std::nullopt;
}

/// diagnosis of the box's import: characters of a key.
constexpr std::size_t box_key_octets = 128;

bool from_anywhere(const config::Peer& peer) {
    return peer.mode == config::ExchangeMode::main &&
           std::ranges::any_of(peer.addresses, [](const auto& address) {
               return std::holds_alternative<config::AnyAddress>(address.value);
           });
}

/// Of one that finds its key by addresses alone when it is called, and has none for them.
void check_key_when_called(const Connection& connection, Findings& findings) {
    const bool there = connection.out.phase1.no_key;
    if (!there && !connection.in.phase1.no_key) {
        return;
    }
    const auto& end = there ? connection.theirs : connection.ours;
    const auto schema = (there ? connection.their_model : connection.our_model)->schema;
    const auto line = own_id_line(schema, negotiation::own_identity(*end.peer, end.address));
    findings.push_back(finding<FindingId::pair_no_key_when_called>(
        std::vector<Place>{end.peer->place, end.peer->pre_shared_key_place},
        field<"connection">(connection.ours.peer->name), field<"who">(there ? "the other side" : "this side"),
        field<"remedy">(there ? either({}, line) : either(line, {}))));
    findings.back().severity =
        severity_of(connection.out.phase1.no_key, connection.in.phase1.no_key, connection);
}

}  // namespace

bool key_is_too_long(const Connection& connection) {
    const auto too_long = [](const End& end) {
        return end.manner->kind == Kind::fritzbox && end.peer->pre_shared_key.size() > box_key_octets;
    };
    return too_long(connection.ours) || too_long(connection.theirs);
}

void check_callers(const config::Model& model, Findings& findings) {
    const config::Peer* first = nullptr;
    const bool strongswan = manner_of(model.schema).kind == Kind::strongswan;
    for (const auto& peer : model.peers) {
        if (!from_anywhere(peer)) {
            continue;
        }
        if (first == nullptr) {
            first = &peer;
        } else if (!(first->pre_shared_key == peer.pre_shared_key)) {
            const std::vector<Place> places{first->addresses.front().place, peer.addresses.front().place};
            findings.push_back(strongswan
                                   ? finding<FindingId::peers_from_anywhere_strongswan>(
                                         places, field<"peer">(first->name), field<"other">(peer.name))
                                   : finding<FindingId::peers_from_anywhere>(
                                         places, field<"peer">(first->name), field<"other">(peer.name)));
            return;
        }
    }
}

void check_published_key(const config::Peer& peer, Findings& findings) {
    // As printed in the recipe that causeway's examples follow.
    constexpr std::string_view published[] = {"wBN4HKbOL4SrbQf9MCa2HLWh6raiPi"};
    if (std::ranges::find(published, characters(peer.pre_shared_key)) != std::end(published)) {
        findings.push_back(finding<FindingId::pair_key_published>(peer.pre_shared_key_place,
                                                                  field<"connection">(peer.name)));
    }
}

void check_keys(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    check_published_key(ours, findings);
    if (key_is_too_long(connection)) {
        const bool here = connection.ours.manner->kind == Kind::fritzbox;
        findings.push_back(finding<FindingId::pair_key_too_long>(
            std::vector<Place>{(here ? ours : theirs).pre_shared_key_place}, field<"connection">(ours.name),
            field<"octets">(std::to_string((here ? ours : theirs).pre_shared_key.size())),
            field<"most">(std::to_string(box_key_octets))));
    }
    check_key_when_called(connection, findings);
    if (ours.pre_shared_key == theirs.pre_shared_key) {
        return;
    }
    const std::vector<Place> places{ours.pre_shared_key_place, theirs.pre_shared_key_place};
    const auto here = characters(ours.pre_shared_key);
    const auto there = characters(theirs.pre_shared_key);
    auto prefix = encoding(here, theirs.pre_shared_key);
    if (!prefix) {
        prefix = encoding(there, ours.pre_shared_key);
    }
    if (prefix) {
        findings.push_back(finding<FindingId::pair_key_encodings_differ>(
            places, field<"connection">(ours.name), field<"prefix">(*prefix)));
        return;
    }
    findings.push_back(finding<FindingId::pair_keys_differ>(
        places, field<"connection">(ours.name), field<"here">(std::to_string(here.size())),
        field<"there">(std::to_string(there.size())), field<"difference">(difference(here, there))));
}

}  // namespace causeway::check
