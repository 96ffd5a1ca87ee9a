"""Holds the architecture: dependencies run down the floors, libraries stay where they belong, files keep one job.

floors.py ROOT: exit 0 when all rules hold. Each run first shows, on made-up files, that each rule can be broken.
"""

import os
import re
import sys

ORDER = ["base", "codec", "crypto", "firewall", "config", "negotiation", "pair", "probe", "sa", "history", "status", "check", "ike",
         "esp", "host", "dataplane", "control", "doctor", "daemon", "cli", "program"]
# What each floor may see: what it uses and no more, so that a packet never sees a configuration and the tool never
# sees the engine. A header is seen with all that it includes.
BELOW = {
    "base": set(),
    "codec": {"base"},
    "crypto": {"base"},
    "firewall": {"base"},
    "config": {"base", "codec", "crypto"},
    "negotiation": {"base", "codec", "crypto", "config"},
    "pair": {"base", "codec", "crypto", "config"},
    "probe": {"base", "codec", "crypto", "config", "negotiation"},
    "sa": {"base", "crypto"},
    "history": {"base", "codec"},
    "status": {"base", "codec", "crypto", "config", "sa"},
    "ike": {"base", "codec", "crypto", "config", "negotiation", "sa", "status"},
    "esp": {"base", "codec", "crypto", "sa"},
    "host": {"base", "codec"},
    "dataplane": {"base", "codec", "crypto", "firewall", "sa", "esp", "host"},
    "control": {"base", "codec", "crypto", "config", "sa", "history", "status"},
    "doctor": {"base", "codec", "crypto", "config", "sa", "history", "status", "control"},
    "program": {"cli", "daemon"},
}
BELOW["check"] = BELOW["negotiation"] | {"negotiation", "sa"}
BELOW["cli"] = BELOW["control"] | {"negotiation", "pair", "probe", "check", "control", "doctor"}
BELOW["daemon"] = set(ORDER) - {"daemon", "cli", "program", "pair", "probe", "doctor"}

# Inside a floor: what a path begins with, and what files of such paths never see. A version of IKE stands behind
# ike/session.hpp: the engine is made to fit none, and none is made to fit the engine.
NEVER = [
    ("ike/v1/", ["ike/engine/"]),
    ("ike/engine/", ["ike/v1/"]),
    ("ike/session.", ["ike/engine/", "ike/v1/"]),
    ("ike/outputs.", ["ike/engine/", "ike/v1/"]),
    ("ike/inquiry.", ["ike/engine/", "ike/v1/"]),
    ("ike/limits.", ["ike/engine/", "ike/v1/"]),
]
# The one place where they meet, of all floors.
BOTH = ("ike/engine/", "ike/v1/")
MEETING = "ike/engine_v1.cpp"
# Nor do they name a version, which they could do without its headers: a declaration of their own.
VERSIONS = re.compile(r"\b(?:v[0-9]+\s*::|namespace\s+v[0-9]+\b)")
NAMELESS = [prefix for prefix, never in NEVER if "ike/v1/" in never]

# Header prefix: the folders that may include it, and why.
LIBRARIES = {
    "openssl/": (["crypto/openssl"], "the one folder that knows the cryptographic library"),
    "intel-ipsec-mb.h": (["crypto/ipsec_mb"], "the one folder that knows it: it is there on some machines only"),
    "asio": (["host"], "the event loop is behind host/event_loop.hpp"),
    "ares": (["host"], "names are host's matter"),
    "libmnl/": (["host"], "netlink is host's matter"),
    "CLI/": ([], "both command lines are small, and the C library has getopt_long"),
    "nlohmann/": (["config", "control", "cli"], "JSON is for people and their scripts"),
    "sys/socket.h": (["host", "dataplane", "daemon", "cli"], "sans-IO below"),
    "netinet/": (["host", "dataplane", "daemon", "cli"], "sans-IO below"),
    "linux/": (["host", "dataplane"], "the system's side"),
    "dataplane/userspace/": (["dataplane"], "a plane is made by dataplane/open.hpp, and known by its interface"),
    "dataplane/kernel/": (["dataplane"], "a plane is made by dataplane/open.hpp, and known by its interface"),
}
CLOCK = re.compile(r"(steady|system|high_resolution)_clock|\btime\(nullptr\)|clock_gettime|gettimeofday")
CLOCK_FOLDERS = {"host", "daemon", "cli"}
LINES = 600
FUNCTION_LINES = 70
# What opens a body as clang-format lays it out, and is no function's.
NO_FUNCTION = re.compile(r"\s*(if|for|while|switch|catch|do|else|namespace|class|struct|enum|union|\}|#)\b")
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def floor_of(path):
    return path.split("/")[0]


def reached(path, text, sources):
    """Every project header that a file sees, directly or not, with the one it is seen through."""
    seen, waiting = {}, [(header, path) for header in INCLUDE.findall(text)]
    while waiting:
        header, through = waiting.pop()
        if floor_of(header) in BELOW and header not in seen:
            seen[header] = through
            waiting += [(further, header) for further in INCLUDE.findall(sources.get(header, ""))]
    return seen


def without_comments(text):
    return COMMENT.sub(lambda found: found.group() if found.group().startswith('"') else "", text)


def versions(path, text, headers):
    """What a file sees or names of the engine and of the versions of IKE that it must not."""
    for prefix, never in NEVER:
        for header in headers:
            if path.startswith(prefix) and header.startswith(tuple(never)):
                yield f"src/{path} sees {header}: {prefix} never sees {' or '.join(never)}"
    if path != MEETING and all(any(header.startswith(part) for header in headers) for part in BOTH):
        yield f"src/{path} sees {' and '.join(BOTH)}: only src/{MEETING} may"
    if path.startswith(tuple(NAMELESS)):
        for name in sorted(set(VERSIONS.findall(without_comments(text)))):
            yield f"src/{path} names {name}: what is above ike/session.hpp knows no version of IKE"


def listed(floor, text):
    """What breaks a rule in a floor's CMakeLists.txt, which names what the compiler and the linker let it see."""
    found = re.search(r"causeway_floor\(%s(?: DEPENDS ([a-z ]+?))?(?: LINKS.*)?\)" % floor, text)
    depends = set((found.group(1) or "").split()) if found else set()
    if floor != "program" and depends != BELOW[floor]:
        yield f"src/{floor}/CMakeLists.txt names {sorted(depends)}, the rules {sorted(BELOW[floor])}"


def long_functions(text):
    """(line, lines) of each function that is too long, from the first line of its head; lambdas are part of theirs."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.endswith("{") or ")" not in line:
            continue
        head, balance = number, line.count("(") - line.count(")")
        while balance < 0 and head > 0:
            head -= 1
            balance += lines[head].count("(") - lines[head].count(")")
        indent = lines[head][:len(lines[head]) - len(lines[head].lstrip())]
        if len(indent) > 4 or NO_FUNCTION.match(lines[head]):
            continue
        # A call that takes a lambda ends otherwise, before what it stands in does.
        end = next((i for i in range(number, len(lines)) if lines[i].rstrip(";") in (indent + "}", "}")), number)
        if lines[end].startswith(indent + "}") and end - head + 1 > FUNCTION_LINES:
            yield head + 1, end - head + 1


def complaints(path, text, sources):
    """What breaks a rule in one file; `path` is relative to src/, `sources` the text of every file."""
    floor = floor_of(path)
    headers = reached(path, text, sources)
    yield from versions(path, text, headers)
    for header, through in headers.items():
        if floor_of(header) != floor and floor_of(header) not in BELOW[floor]:
            yield (f"src/{path} sees {header}" + (f" through {through}" if through != path else "") +
                   f": {floor} may see {', '.join(f for f in ORDER if f in BELOW[floor])}")
    for header in INCLUDE.findall(text):
        for prefix, (folders, why) in LIBRARIES.items():
            if header.startswith(prefix) and not any(path.startswith(folder + "/") for folder in folders):
                yield f"src/{path} includes {header}: only {', '.join(folders)} may ({why})"
    if floor not in CLOCK_FOLDERS and CLOCK.search(text):
        yield f"src/{path} reads a clock: the time is handed in below host"
    for line, length in long_functions(text):
        yield f"src/{path}:{line} is a function of {length} lines, more than {FUNCTION_LINES}: name its steps"
    if text.count("\n") > LINES:
        yield f"src/{path} has {text.count(chr(10))} lines, more than {LINES}: split it by meaning"


def prove():
    """The made-up violations that are not found, and what is found although it is none."""
    made_up = {"host/log.hpp": "", "ike/engine/engine.hpp": "", "codec/reader.hpp": "", "config/model.hpp": "",
               "sa/status.hpp": '#include "config/model.hpp"\n', "ike/v1/session.hpp": "",
               "ike/between.hpp": '#include "ike/v1/session.hpp"\n',
               "ike/behind.hpp": '#include "ike/engine/engine.hpp"\n'}
    broken = {
        "ike/v1/x.cpp": '#include "host/log.hpp"\n',
        "ike/v1/y.cpp": '#include "ike/engine/engine.hpp"\n',
        "ike/v1/z.cpp": '#include "ike/behind.hpp"\n',
        "ike/engine/x.cpp": '#include "ike/v1/session.hpp"\n',
        "ike/engine/y.cpp": '#include "ike/between.hpp"\n',
        "ike/engine/z.cpp": 'auto url = "//"; v1::Session session;\n',
        "ike/engine/w.hpp": "namespace v2 {\nclass Session;\n}\n",
        "ike/session.hpp": '#include "ike/between.hpp"\n',
        "ike/session.cpp": '#include "ike/behind.hpp"\n',
        "ike/outputs.hpp": '#include "ike/v1/session.hpp"\n',
        "ike/outputs.cpp": '#include "ike/engine/engine.hpp"\n',
        "ike/inquiry.hpp": '#include "ike/behind.hpp"\n',
        "ike/inquiry.cpp": "v1::Session* session = nullptr;\n",
        "ike/limits.hpp": '#include "ike/v1/session.hpp"\n',
        "daemon/both.cpp": '#include "ike/engine/engine.hpp"\n#include "ike/between.hpp"\n',
        "dataplane/x.cpp": '#include "ike/engine/engine.hpp"\n',
        "daemon/x.cpp": '#include "dataplane/userspace/plane.hpp"\n',
        "daemon/y.cpp": '#include "dataplane/kernel/plane.hpp"\n',
        "firewall/x.cpp": '#include "host/nft.hpp"\n',
        "host/x.cpp": '#include "firewall/guard.hpp"\n',
        "base/x.hpp": '#include "codec/reader.hpp"\n',
        "esp/x.cpp": '#include "sa/status.hpp"\n',
        "crypto/x.cpp": "#include <openssl/evp.h>\n",
        "crypto/y.cpp": "#include <intel-ipsec-mb.h>\n",
        "ike/x.cpp": "auto t = std::chrono::steady_clock::now();\n",
        "codec/x.cpp": "#include <sys/socket.h>\n",
        "cli/x.cpp": "//\n" * (LINES + 1),
        "cli/y.cpp": "void f() {\n" + "    g();\n" * (FUNCTION_LINES - 1) + "}\n",
        "cli/z.cpp": "class C {\n    void f(int a,\n           int b) {\n" + "        g();\n" * (FUNCTION_LINES - 1) + "    }\n};\n",
    }
    sound = {
        MEETING: '#include "ike/engine/engine.hpp"\n#include "ike/v1/session.hpp"\n',
        "ike/engine/x.cpp": "// v1::Session /* v1 */\nint IKEv1 = 1; /* v1::\n v2:: */ int v4 = v1_0;\n",
        "ike/v1/x.cpp": "v1::Session session;\n",
    }
    unproved = [path for path, text in broken.items() if not list(complaints(path, text, made_up))]
    unproved += [f"{path} (which is sound)" for path, text in sound.items() if list(complaints(path, text, made_up))]
    if not list(listed("codec", "causeway_floor(codec DEPENDS base host)\n")):
        unproved.append("codec/CMakeLists.txt")
    return unproved


def main():
    root = os.path.join(sys.argv[1], "src")
    unproved = prove()
    if unproved:
        print("the rules do not tell what is sound from what is not:", ", ".join(unproved))
        return 1
    sources, found = {}, []
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            if "/" in path and name.endswith((".hpp", ".cpp", ".def", "CMakeLists.txt")):
                with open(os.path.join(folder, name)) as source:
                    sources[path] = source.read()
    for path, text in sources.items():
        if not path.endswith(".txt"):
            found += complaints(path, text, sources)
    for floor in ORDER:
        found += listed(floor, sources.get(f"{floor}/CMakeLists.txt", ""))
    print("\n".join(found) if found else f"{len(sources)} files keep the rules")
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
