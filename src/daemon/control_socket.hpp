// The control socket in the file system, and the lock beside it that tells whether another daemon lives. Made and removed by the
// parent; who answers on it is control_server.hpp, in the other process.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "host/descriptor.hpp"

namespace causeway::daemon {

class ControlSocket {
 public:
    /// Errors: exists, another daemon has it; permission or system, it cannot be made there.
    static Result<std::unique_ptr<ControlSocket>> open(const std::string& path);
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    /// Removes socket and lock.
    ~ControlSocket();

    [[nodiscard]] int listening() const { return listening_.get(); }
    /// Locked as long as one process has it open.
    [[nodiscard]] int lock() const { return lock_.get(); }

 private:
    ControlSocket() = default;
    std::string path_;
    host::Descriptor lock_;
    host::Descriptor listening_;
    bool bound_ = false;
};

}  // namespace causeway::daemon
