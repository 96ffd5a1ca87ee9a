// An ipsec.conf as sections of settings, in the order of the file and of the files that it includes, each with its
// place. The parser makes it, the writer prints it, the mapper reads it. It knows nothing of IPsec.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_name.hpp"
#include "base/finding.hpp"
#include "base/place.hpp"

namespace causeway::config::ipsecconf {

/// Line and column from 1, in octets, and the number of the file among the document's.
struct At {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t file = 0;
};

/// `key=value`.
struct Setting {
    std::string key;
    std::string value;  ///< words joined by one blank each, without quotes and escapes
    At key_at{};
    At at{};             ///< of the value; of the key where there is none
    bool plain = false;  ///< one word without quotes: its octets stand side by side in the file
};

struct Section {
    enum class Kind {
        setup,    ///< config setup
        conn,     ///< conn NAME
        ca,       ///< ca NAME
        include,  ///< no section: a line that names files, read behind it; its settings are none
    };
    Kind kind = Kind::conn;
    std::string name{};  ///< of an include: the pattern
    At at{};             ///< of its first word
    std::vector<Setting> settings{};
};

struct Document {
    std::vector<FileName> files;  ///< as messages call them; the first is the one that was named
    std::vector<Section> sections;
    std::vector<Finding> surprises;  ///< what strongSwan reads otherwise, and what an include brought

    [[nodiscard]] Place place(const At& at) const { return {files[at.file], at.line, at.column}; }
};

}  // namespace causeway::config::ipsecconf
