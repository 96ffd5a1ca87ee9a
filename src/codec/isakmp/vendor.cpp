#include "codec/isakmp/vendor.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace causeway::isakmp {

namespace {

struct VendorRow {
    Vendor vendor;
    std::string_view name;
    std::array<std::uint8_t, 16> id;
    std::size_t compared;  ///< octets that decide; the rest is a version
};

constexpr std::array rows{
    // RFC 3947 3.1
    VendorRow{
        Vendor::nat_t_rfc3947,
        "NAT-T (RFC 3947)",
        {0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f},
        16},
    // MD5 of the drafts' names
    VendorRow{
        Vendor::nat_t_draft_03,
        "NAT-T (draft 03)",
        {0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56},
        16},
    VendorRow{
        Vendor::nat_t_draft_02,
        "NAT-T (draft 02)",
        {0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8, 0x7c, 0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48},
        16},
    VendorRow{
        Vendor::nat_t_draft_02_n,
        "NAT-T (draft 02, with newline)",
        {0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f},
        16},
    // RFC 3706 5.1: the last two octets are the version
    VendorRow{
        Vendor::dpd,
        "DPD (RFC 3706)",
        {0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00},
        14},
    // Cisco and Microsoft; four octets of capabilities may follow
    VendorRow{
        Vendor::fragmentation,
        "IKE fragmentation",
        {0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3},
        16},
    // draft-ietf-ipsec-isakmp-xauth-06
    VendorRow{Vendor::xauth, "XAUTH", {0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12}, 8},
    VendorRow{
        Vendor::unity,
        "Cisco Unity",
        {0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc, 0x01, 0x00},
        14},
    // strongSwan commit 521af8024e: "experimentally discovered"
    VendorRow{
        Vendor::avm,
        "FRITZ!Box",
        {0xa2, 0x22, 0x6f, 0xc3, 0x64, 0x50, 0x0f, 0x56, 0x34, 0xff, 0x77, 0xdb, 0x3b, 0x74, 0xf4, 0x1b},
        16},
    // MD5("strongSwan")
    VendorRow{
        Vendor::strongswan,
        "strongSwan",
        {0x88, 0x2f, 0xe5, 0x6d, 0x6f, 0xd2, 0x0d, 0xbc, 0x22, 0x51, 0x61, 0x3b, 0x2e, 0xbe, 0x5b, 0xeb},
        16},
    // Windows: four octets of version follow
    VendorRow{
        Vendor::microsoft,
        "Windows",
        {0x1e, 0x2b, 0x51, 0x69, 0x05, 0x99, 0x1c, 0x7d, 0x7c, 0x96, 0xfc, 0xbf, 0xb5, 0x87, 0xe4, 0x61},
        16},
    // MD5("causeway")
    VendorRow{
        Vendor::causeway,
        "causeway",
        {0xc6, 0x35, 0xad, 0x4f, 0xa6, 0x57, 0xfe, 0x6d, 0x2d, 0x11, 0x47, 0x1d, 0xf3, 0x16, 0x73, 0xdd},
        16},
};

}  // namespace

std::optional<Vendor> recognise_vendor(ByteView body) {
    for (const auto& row : rows) {
        if (body.size() >= row.compared &&
            std::equal(row.id.begin(), row.id.begin() + static_cast<std::ptrdiff_t>(row.compared),
                       body.begin())) {
            return row.vendor;
        }
    }
    return std::nullopt;
}

ByteView vendor_id(Vendor vendor) {
    for (const auto& row : rows) {
        if (row.vendor == vendor) {
            return ByteView(row.id).first(row.vendor == Vendor::xauth ? 8 : 16);
        }
    }
    return {};
}

std::string_view name_of(Vendor vendor) {
    for (const auto& row : rows) {
        if (row.vendor == vendor) {
            return row.name;
        }
    }
    return "unknown";
}

}  // namespace causeway::isakmp
