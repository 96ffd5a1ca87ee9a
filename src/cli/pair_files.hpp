// The files that `pair` writes: of both ends of one tunnel, or of every site of a star, in memory first and then all of
// them or none. Called by `pair` only.
#pragma once

#include <string>
#include <vector>

#include "base/finding.hpp"
#include "cli/failure.hpp"
#include "pair/describe.hpp"
#include "pair/star.hpp"
#include "pair/write.hpp"

namespace causeway::cli {

struct PairFile {
    std::string name;  ///< below the folder: "ours/vpn.cfg"
    std::string text;  ///< may hold keys
};

struct PairFiles {
    std::vector<PairFile> files;
    std::vector<Finding> lost;  ///< what they do not carry; without keys
};

/// In ours/ and theirs/. `openwrt`: the schema of a site on OpenWrt.
Outcome<PairFiles> files_of(const pair::Description& description, pair::Form openwrt);
/// In a folder for each site, which has its title.
Outcome<PairFiles> files_of(const pair::Star& star, pair::Form openwrt);

/// Each for its owner alone; their names go to stdout. What is in the way is found before the first is written.
Exit write_all(const std::string& folder, const std::vector<PairFile>& files, bool force);

}  // namespace causeway::cli
