// vpncfg document -> model: causeway plays the box. Called by config/load.cpp.
#pragma once

#include "base/file_name.hpp"
#include "config/model.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

/// An error: there is no vpncfg block, or no connection in it. What is wrong with one connection becomes a
/// remark, and that connection is missing in the model.
Result<Model> map(Document document, FileName file);

}  // namespace causeway::config::vpncfg
