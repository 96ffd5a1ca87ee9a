#include "negotiation/words.hpp"

#include <cstdint>

namespace causeway::negotiation {
namespace {

constexpr std::size_t listed_items_max = 10;
constexpr std::uint32_t seconds_max = 0xffffffff;

}  // namespace

config::Lifetime read_lifetime(const isakmp::Transform& transform, std::uint16_t type,
                               std::uint16_t duration) {
    config::Lifetime lifetime{28800, 0};
    std::uint64_t unit = 0;  // 0 is reserved: no type is pending
    for (const auto& attribute : transform.attributes) {
        if (attribute.type == type) {
            unit = attribute.as_number().value_or(0);
        } else if (attribute.type == duration) {
            const std::uint64_t value = attribute.as_number().value_or(0);
            if (value != 0 && unit == isakmp::life_type_seconds) {
                lifetime.seconds = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, seconds_max));
            } else if (unit == isakmp::life_type_kilobytes) {
                lifetime.kilobytes = value;
            }
            unit = 0;
        }
    }
    return lifetime;
}

void write_lifetime(isakmp::Transform& transform, std::uint16_t type, std::uint16_t duration,
                    const config::Lifetime& lifetime) {
    transform.attributes.push_back(isakmp::Attribute::tv(type, isakmp::life_type_seconds));
    transform.attributes.push_back(isakmp::Attribute::number(duration, lifetime.seconds));
    if (lifetime.kilobytes != 0) {
        transform.attributes.push_back(isakmp::Attribute::tv(type, isakmp::life_type_kilobytes));
        transform.attributes.push_back(isakmp::Attribute::number(duration, lifetime.kilobytes));
    }
}

std::string List::text() const {
    if (items_.empty()) {
        return "nothing";
    }
    std::string all;
    for (std::size_t i = 0; i < items_.size() && i < listed_items_max; ++i) {
        all += (i == 0 ? "" : ", ") + items_[i];
    }
    if (items_.size() > listed_items_max) {
        all += fmt::format(" and {} more", items_.size() - listed_items_max);
    }
    return all;
}

}  // namespace causeway::negotiation
