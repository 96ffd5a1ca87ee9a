#include "daemon/parent_link.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "host/outside.hpp"

namespace causeway::daemon {

class ParentLink::Ubus final : public host::UbusStarter {
 public:
    explicit Ubus(ParentLink& link) : link_(link) {}

    // What is asked for is the parent's to know: there is one question only.
    Result<host::Descriptor> start(const std::string& /*object*/, const std::string& /*method*/) override {
        return link_.descriptor(StartUbus{});
    }
    std::optional<std::string> ended() override {
        auto told = link_.ask(EndUbus{false});
        if (!told) {
            return told.error().what;
        }
        return told->answer.number == 0 ? std::nullopt : std::optional(std::move(told->answer.text));
    }
    void kill() override { static_cast<void>(link_.ask(EndUbus{true})); }

 private:
    ParentLink& link_;
};

Result<ParentLink::Answered> ParentLink::ask(const Request& request) {
    CAUSEWAY_CHECK(channel_.send(encode(request)));
    auto message = CAUSEWAY_TRY(channel_.receive(max_answer_octets));
    Answered answered{CAUSEWAY_TRY(parse_answer(message.octets)), std::move(message.descriptor)};
    if (answered.answer.error) {
        return fail(std::move(*answered.answer.error));
    }
    return answered;
}

Result<host::Descriptor> ParentLink::descriptor(const Request& request) {
    auto answered = CAUSEWAY_TRY(ask(request));
    if (!answered.descriptor) {
        return fail(Errc::malformed, "an answer without its descriptor");
    }
    return std::move(answered.descriptor);
}

void ParentLink::reach_out() {
    host::reach_out_by({[this](host::SystemFile file, const std::string& device) {
                            return descriptor(OpenSystemFile{file, device});
                        },
                        [this]() -> Result<std::vector<host::NftChain>> {
                            return std::move(CAUSEWAY_TRY(ask(ListChains{})).answer.chains);
                        }});
}

Result<host::Descriptor> ParentLink::open_control() {
    return descriptor(OpenControl{});
}

Result<host::Descriptor> ParentLink::share_lock() {
    return descriptor(ShareLock{});
}

Result<OpenedConfiguration> ParentLink::open_configuration(std::uint8_t which) {
    auto answered = CAUSEWAY_TRY(ask(OpenConfiguration{which}));
    if (!answered.descriptor) {
        return fail(Errc::malformed, "an answer without its descriptor");
    }
    return OpenedConfiguration{std::move(answered.descriptor),
                               static_cast<std::uint32_t>(answered.answer.number),
                               static_cast<std::uint32_t>(answered.answer.second)};
}

Programs ParentLink::programs() {
    const auto answered = ask(FindPrograms{});
    const std::uint64_t there = answered ? answered->answer.number : 0;
    return {(there & 1U) != 0, (there & 2U) != 0};
}

Result<std::string> ParentLink::list_table(const std::string& family, const std::string& table) {
    return std::move(CAUSEWAY_TRY(ask(ListTable{family == "inet", table})).answer.text);
}

Result<void> ParentLink::place_guard(const firewall::Guard* guard) {
    CAUSEWAY_CHECK(ask(PlaceGuard{guard != nullptr ? std::optional(*guard) : std::nullopt}));
    return {};
}

Result<PlacedOpenings> ParentLink::place_openings(config::Firewall kind, const firewall::Openings& openings,
                                                  const std::string& zone) {
    auto answered = CAUSEWAY_TRY(ask(PlaceOpenings{kind, openings, zone}));
    Answer& answer = answered.answer;
    // What failed comes first, as long as the number says.
    const std::size_t length = std::min<std::size_t>(answer.second, answer.text.size());
    return PlacedOpenings{answer.text.substr(0, length), answer.text.substr(length), answer.number != 0};
}

Result<void> ParentLink::name_metrics_file(const std::string& path) {
    CAUSEWAY_CHECK(ask(NameMetricsFile{path}));
    return {};
}

Result<void> ParentLink::save(FreshFile::Which which, ByteView octets) {
    const host::Descriptor file = CAUSEWAY_TRY(descriptor(FreshFile{which, FreshFile::Step::begin}));
    int error = 0;
    for (ByteView rest = octets; !rest.empty() && error == 0;) {
        const ssize_t done = ::write(file.get(), rest.data(), rest.size());
        if (done > 0) {
            rest = rest.subspan(static_cast<std::size_t>(done));
        } else if (errno != EINTR) {
            error = done == 0 ? ENOSPC : errno;
        }
    }
    if (error != 0) {
        static_cast<void>(ask(FreshFile{which, FreshFile::Step::drop}));
        return fail(Errc::system, std::strerror(error));
    }
    CAUSEWAY_CHECK(ask(FreshFile{which, FreshFile::Step::keep}));
    return {};
}

void ParentLink::log(Level level, std::string_view line) {
    static_cast<void>(ask(WriteLog{level, std::string(line.substr(0, max_line_octets))}));
}

void ParentLink::announce(Announce::What what, const std::string& text) {
    static_cast<void>(ask(Announce{what, text.substr(0, max_line_octets)}));
}

std::unique_ptr<host::UbusStarter> ParentLink::ubus() {
    return std::make_unique<Ubus>(*this);
}

}  // namespace causeway::daemon
