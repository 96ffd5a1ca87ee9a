#include "cli/convert.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <unistd.h>

#include "cli/companions.hpp"
#include "cli/forms.hpp"
#include "cli/private_file.hpp"
#include "cli/wrap.hpp"
#include "config/convert.hpp"
#include "config/load.hpp"
#include "config/verdict.hpp"
#include "control/configuration_file.hpp"
#include "pair/mirror.hpp"
#include "pair/write.hpp"

namespace causeway::cli {
namespace {

using pair::Form;

Exit convert_to_newest(const std::string& text, const std::string& name, const Arguments& arguments) {
    const auto converted = config::convert_to_g4(text, name, arguments.format, companions());
    if (!converted) {
        return complain({static_cast<Exit>(config::verdict_on(converted.error())), converted.error().text()});
    }
    for (const std::string& one : converted->lost) {
        const auto columns = terminal_columns(STDERR_FILENO);
        fmt::print(stderr, "{}\n", columns ? wrapped(one, *columns, name) : one);
    }
    if (!arguments.output.empty()) {
        return write_private_file(arguments.output, converted->text, arguments.force);
    }
    fmt::print("{}", converted->text);
    return Exit::done;
}

}  // namespace

Exit convert(const Arguments& arguments) {
    const std::string name = arguments.word == "-" ? "stdin" : arguments.word;
    const auto text = control::read_file(arguments.word, config::max_text);
    if (!text) {
        return complain({Exit::unusable, text.error().text()});
    }
    const auto form = form_named(arguments.to.empty() ? "uci:g4" : arguments.to);
    if (form == Form::uci_g4 && !arguments.mirror) {
        return convert_to_newest(*text, name, arguments);
    }
    auto model = config::load(*text, name, arguments.format, companions());
    if (!model) {
        return complain({static_cast<Exit>(config::verdict_on(model.error())), model.error().text()});
    }
    if (arguments.mirror) {
        model = pair::mirror(*model);
        tell(model->findings);
    }
    const auto written = pair::write(*model, *form);
    if (!written) {
        return complain({Exit::unusable, written.error().text()});
    }
    tell(written->lost);
    if (arguments.output.empty()) {
        if (!written->secrets.empty()) {
            return complain({Exit::unusable,
                             "the keys of an ipsec.conf stand in a file of their own: name a file with "
                             "--output, and they go beside it"});
        }
        fmt::print("{}", written->text);
        return Exit::done;
    }
    const auto exit = write_private_file(arguments.output, written->text, arguments.force);
    return exit != Exit::done || written->secrets.empty()
               ? exit
               : write_private_file(arguments.output + ".secrets", written->secrets, arguments.force);
}

}  // namespace causeway::cli
