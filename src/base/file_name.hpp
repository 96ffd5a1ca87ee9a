// The name of a file that values were read from, four octets: a configuration has a place for each of its values, all in
// a few files. Each different name is kept once, for the life of the process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway {

/// As messages call the file; none by default. Any thread may make and read one.
class FileName {
 public:
    FileName() = default;
    explicit FileName(std::string_view name);

    explicit operator bool() const { return number_ != 0; }
    /// Only of one that there is; valid for the life of the process.
    [[nodiscard]] const std::string& operator*() const;

    /// The same name has the same number.
    friend bool operator==(FileName, FileName) = default;

 private:
    std::uint32_t number_ = 0;  ///< from 1
};

}  // namespace causeway
