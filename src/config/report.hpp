// What a reader has to say while it maps a file: remarks with places. Used by both mappers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"

namespace causeway::config {

class Report {
 public:
    Report(std::shared_ptr<const std::string> file, std::vector<Remark>& remarks)
        : file_(std::move(file)), remarks_(remarks) {}

    [[nodiscard]] Place place(std::uint32_t line, std::uint32_t column) const {
        return {file_, line, column};
    }

    void error(Place place, std::string what, std::string consequence, std::string remedy = {}) {
        add(Severity::error, std::move(place), std::move(what), std::move(consequence), std::move(remedy));
    }
    void warning(Place place, std::string what, std::string consequence, std::string remedy = {}) {
        add(Severity::warning, std::move(place), std::move(what), std::move(consequence), std::move(remedy));
    }
    void note(Place place, std::string what, std::string consequence = {}, std::string remedy = {}) {
        add(Severity::note, std::move(place), std::move(what), std::move(consequence), std::move(remedy));
    }
    void add(Severity severity, Place place, std::string what, std::string consequence, std::string remedy) {
        if (remarks_.size() < max_remarks) {
            remarks_.push_back(
                {severity, std::move(place), std::move(what), std::move(consequence), std::move(remedy)});
        }
    }

    /// More help nobody: the file is not what it seems to be.
    static constexpr std::size_t max_remarks = 500;

 private:
    std::shared_ptr<const std::string> file_;
    std::vector<Remark>& remarks_;
};

}  // namespace causeway::config
