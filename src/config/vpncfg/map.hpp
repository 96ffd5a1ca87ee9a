// vpncfg document -> model: causeway plays the box. Called by config/load.cpp.
#pragma once

#include <memory>
#include <string>

#include "config/model.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

/// An error: there is no vpncfg block, or no connection in it. What is wrong with one connection becomes a
/// remark, and that connection is missing in the model.
Result<Model> map(Document document, std::shared_ptr<const std::string> file);

}  // namespace causeway::config::vpncfg
