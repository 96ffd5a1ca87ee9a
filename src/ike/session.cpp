#include "ike/session.hpp"

namespace causeway::ike {

Bytes Session::spis() const {
    Bytes both;
    append(both, spi_i_);
    append(both, spi_r_);
    return both;
}

}  // namespace causeway::ike
