// Finds, reads and judges the configuration file. The only place of the daemon that opens it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "config/default_file.hpp"
#include "config/load.hpp"
#include "daemon/options.hpp"
#include "daemon/parent_link.hpp"

namespace causeway::daemon {

struct Configuration {
    std::shared_ptr<config::Model> model;
    std::string file;
    std::vector<Event> warnings;  ///< about the file itself: everybody can read the keys in it
};

/// The file that was asked for, else the default that counts (config/default_file.hpp).
Result<config::ChosenFile> find_configuration(const Options& options);
/// Reads and maps; options of the command line win. The file is opened here, or by `parent` for a process that cannot.
Result<Configuration> load_configuration(const Options& options, ParentLink* parent = nullptr);

/// What is written in the log about a configuration that is taken up: each remark, then a summary.
std::vector<Event> events_about(const Configuration& configuration);

}  // namespace causeway::daemon
