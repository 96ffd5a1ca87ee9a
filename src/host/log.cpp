#include "host/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

namespace causeway::host {
namespace {

// The library has no "notice": it becomes info there, and the level's own name is written by us.
spdlog::level::level_enum library_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
        case Level::notice:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            break;
    }
    return spdlog::level::err;
}

std::shared_ptr<spdlog::sinks::sink> make_sink(Log::Target target, const std::string& program) {
    if (target == Log::Target::syslog) {
        auto sink = std::make_shared<spdlog::sinks::syslog_sink_st>(program, LOG_PID, LOG_DAEMON, false);
        return sink;
    }
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %v");
    return sink;
}

}  // namespace

struct Log::Impl {
    Impl(Target where, const std::string& program)
        : target(where), logger(program, make_sink(where, program)) {
        logger.set_level(spdlog::level::trace);
        logger.flush_on(spdlog::level::trace);
    }
    Target target;
    spdlog::logger logger;
};

Log::Log(Target target, const std::string& program) : impl_(std::make_unique<Impl>(target, program)) {}
Log::~Log() = default;

void Log::write(Instant now, const Event& event) {
    if (event.level() < level_ || !limit_.admit(now, event)) {
        return;
    }
    put(event);
}

void Log::handle_timeout(Instant now) {
    for (const Event& summary : limit_.expired(now)) {
        put(summary);
    }
}

void Log::put(const Event& event) {
    // Fields may hold a peer's words; one event is one line whatever they say.
    std::string text = event.text();
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            c = ' ';
        }
    }
    if (impl_->target == Target::stderr_lines) {
        impl_->logger.log(library_level(event.level()), "{:<7} {}", level_name(event.level()), text);
    } else {
        impl_->logger.log(library_level(event.level()), "{}", text);
    }
}

Level level_for_debug(int debug) {
    return debug <= 0 ? Level::notice : debug == 1 ? Level::info : Level::debug;
}

}  // namespace causeway::host
