// A program for a test: a shell script in a folder of its own, both gone at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace causeway::test {

class Program {
 public:
    explicit Program(const std::string& script) {
        std::string name = (std::filesystem::temp_directory_path() / "causeway-program-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        write(script);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { std::filesystem::remove_all(folder_); }

    void write(const std::string& script) const {
        // In one step: a reader of the old script is not disturbed.
        const std::string fresh = file("fresh");
        std::ofstream(fresh) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(fresh, std::filesystem::perms::owner_all);
        std::filesystem::rename(fresh, path());
    }
    [[nodiscard]] std::string path() const { return file("ubus"); }
    /// Another file of the folder.
    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
    std::filesystem::path folder_;
};

}  // namespace causeway::test
