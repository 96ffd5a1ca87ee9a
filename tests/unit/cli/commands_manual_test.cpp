// causeway(8) describes what the tables of commands and options have: each command with its argument and its options, and
// nothing else. Two lists are made from the tables; CAUSEWAY_ACCEPT=1 writes them anew.
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_rows.hpp"
#include "unit/control/manual.hpp"

namespace causeway::cli {
namespace {

/// What is described once for all commands.
constexpr Options common = opt_json | opt_timeout;

std::string section(const std::string& title) {
    std::stringstream page;
    page << std::ifstream(std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway.8").rdbuf();
    const std::string text = page.str();
    const auto begin = text.find(".SH " + title + "\n");
    EXPECT_NE(begin, std::string::npos) << title;
    return text.substr(begin, text.find("\n.SH ", begin) + 1 - begin);
}

/// A line as it is read: without changes of font, and with its hyphens.
std::string plain(std::string line) {
    for (const auto& [mark, instead] : {std::pair("\\fB", ""), std::pair("\\fI", ""), std::pair("\\fR", ""),
                                        std::pair("\\-", "-"), std::pair(".B ", "")}) {
        for (auto at = line.find(mark); at != std::string::npos; at = line.find(mark, at)) {
            line.replace(at, std::string_view(mark).size(), instead);
        }
    }
    return line;
}

/// The lines that begin an entry of COMMANDS, each continued one joined.
std::vector<std::string> entries() {
    std::vector<std::string> found;
    std::stringstream lines(section("COMMANDS"));
    bool begins = false;
    for (std::string line; std::getline(lines, line);) {
        if (begins) {
            for (std::string next; line.ends_with('\\') && std::getline(lines, next);) {
                line = line.substr(0, line.size() - 1) + next;
            }
            found.push_back(plain(line));
        }
        begins = line == ".TP" || line == ".TQ";
    }
    return found;
}

/// The command that an entry begins with; of several that fit the one of two words.
const CommandRow* command_of(const std::string& entry) {
    const CommandRow* longest = nullptr;
    for (const CommandRow& command : commands) {
        if ((entry + ' ').starts_with(command.name + std::string(" ")) &&
            (longest == nullptr ||
             std::string_view(longest->name).size() < std::string_view(command.name).size())) {
            longest = &command;
        }
    }
    return longest;
}

TEST(CommandsManual, EachEntryIsACommandWithItsArgument) {
    for (const std::string& entry : entries()) {
        const CommandRow* const command = command_of(entry);
        ASSERT_NE(command, nullptr) << entry;
        const std::string expected =
            fmt::format("{} {}", command->name, command->argument == nullptr ? "" : command->argument);
        EXPECT_TRUE((entry + ' ').starts_with(expected)) << entry << "\nis not " << expected;
    }
}

TEST(CommandsManual, EachCommandHasItsOptions) {
    std::map<const CommandRow*, std::set<std::string>> written;
    for (const std::string& entry : entries()) {
        std::set<std::string>& of_command = written[command_of(entry)];
        const std::regex word("(^|[ \\[|])(--[a-z-]+|-o)");
        for (std::sregex_iterator each(entry.begin(), entry.end(), word); each != std::sregex_iterator();
             ++each) {
            of_command.insert(each->str(2) == "-o" ? "--output" : each->str(2));
        }
    }
    for (const CommandRow& command : commands) {
        ASSERT_TRUE(written.contains(&command)) << command.name << " is not in causeway(8)";
        for (const OptionRow& option : options) {
            const bool said = written[&command].erase(fmt::format("--{}", option.name)) != 0;
            const bool taken = (command.options & option.option) != 0;
            EXPECT_TRUE(said == taken || (taken && (option.option & common) != 0))
                << command.name << " --" << option.name
                << (taken ? " is not in causeway(8)" : " is not taken");
        }
        EXPECT_TRUE(written[&command].empty()) << command.name << ' ' << *written[&command].begin();
    }
}

/// Names between commas, in lines that are not filled.
std::string in_lines(const std::vector<std::string>& names, const std::string& first, std::size_t indent) {
    constexpr std::size_t columns = 70;
    std::string text;
    std::string line = first;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string word = names[i] + (i + 1 < names.size() ? "," : "");
        if (line.size() + 1 + word.size() > columns) {
            text += line + '\n';
            line = std::string(indent, ' ');
        }
        line += (line.size() == indent ? "" : " ") + word;
    }
    std::string out = text + line + '\n';
    for (auto at = out.find('-'); at != std::string::npos; at = out.find('-', at + 2)) {
        out.insert(at, "\\");
    }
    return out;
}

TEST(CommandsManual, WhatIsTakenByManyIsListedOnce) {
    std::map<unsigned, std::vector<std::string>> waiting;
    std::vector<std::string> with_json;
    for (const CommandRow& command : commands) {
        if ((command.options & opt_timeout) != 0) {
            waiting[command.timeout_seconds].emplace_back(command.name);
        }
        if ((command.options & opt_json) != 0) {
            with_json.emplace_back(command.name);
        }
    }
    std::string list;
    for (const auto& [seconds, names] : waiting) {
        list += in_lines(names, fmt::format("{:<3}", seconds), 3);
    }
    manual::expect_in_manual(".\\\" which command waits, and how long, written from the code\n.nf\n", list);
    manual::expect_in_manual(".\\\" which command prints JSON, written from the code\n.nf\n",
                             in_lines(with_json, "", 0));
}

TEST(CommandsManual, WhatEveryCommandTakesIsAmongTheOptions) {
    const std::string text = plain(section("OPTIONS"));
    for (const OptionRow& option : options) {
        if ((option.option & (always | common | opt_version)) != 0) {
            EXPECT_NE(text.find(fmt::format("--{}", option.name)), std::string::npos) << option.name;
        }
    }
}

}  // namespace
}  // namespace causeway::cli
