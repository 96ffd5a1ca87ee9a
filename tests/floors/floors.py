"""Holds the architecture: dependencies run down the floors, libraries stay where they belong, files keep one job.

floors.py ROOT: exit 0 when all rules hold. Each run first shows, on made-up files, that each rule can be broken.
"""

import os
import re
import sys

ORDER = ["base", "codec", "crypto", "firewall", "config", "negotiation", "sa", "check", "ike", "esp", "host",
         "dataplane", "control", "daemon", "cli", "program"]
BELOW = {
    "base": set(),
    "codec": {"base"},
    "crypto": {"base"},
    "firewall": {"base"},
    "config": {"base", "codec", "crypto"},
    "negotiation": {"base", "codec", "crypto", "config"},
    "sa": {"base", "codec", "crypto", "config", "negotiation"},
}
BELOW["check"] = BELOW["ike"] = BELOW["esp"] = BELOW["sa"] | {"sa"}
BELOW["host"] = BELOW["sa"] | {"sa"}
BELOW["dataplane"] = BELOW["host"] | {"host", "esp", "firewall"}
BELOW["control"] = BELOW["sa"] | {"sa", "check", "ike"}
BELOW["daemon"] = set(ORDER) - {"daemon", "cli", "program"}
BELOW["cli"] = BELOW["control"] - {"ike"} | {"control"}
BELOW["program"] = {"cli", "daemon"}

# Header prefix: the folders that may include it, and why.
LIBRARIES = {
    "openssl/": (["crypto/openssl"], "the one folder that knows the cryptographic library"),
    "asio": (["host"], "the event loop is behind host/event_loop.hpp"),
    "ares": (["host"], "names are host's matter"),
    "libmnl/": (["host"], "netlink is host's matter"),
    "CLI/": ([], "both command lines are small, and the C library has getopt_long"),
    "nlohmann/": (["config", "control", "cli"], "JSON is for people and their scripts"),
    "sys/socket.h": (["host", "dataplane", "daemon", "cli"], "sans-IO below"),
    "netinet/": (["host", "dataplane", "daemon", "cli"], "sans-IO below"),
    "linux/": (["host", "dataplane"], "the system's side"),
    "dataplane/userspace/": (["dataplane"], "a plane is made by dataplane/open.hpp, and known by its interface"),
}
CLOCK = re.compile(r"(steady|system|high_resolution)_clock|\btime\(nullptr\)|clock_gettime|gettimeofday")
CLOCK_FOLDERS = {"host", "daemon", "cli"}
LINES = 600
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def complaints(path, text):
    """What breaks a rule in one file; `path` is relative to src/."""
    floor = path.split("/")[0]
    for header in INCLUDE.findall(text):
        target = header.split("/")[0]
        if target in BELOW and target != floor and target not in BELOW[floor]:
            yield f"src/{path} includes {header}: {floor} may see {', '.join(f for f in ORDER if f in BELOW[floor])}"
        for prefix, (folders, why) in LIBRARIES.items():
            if header.startswith(prefix) and not any(path.startswith(folder + "/") for folder in folders):
                yield f"src/{path} includes {header}: only {', '.join(folders)} may ({why})"
    if floor not in CLOCK_FOLDERS and CLOCK.search(text):
        yield f"src/{path} reads a clock: the time is handed in below host"
    if text.count("\n") > LINES:
        yield f"src/{path} has {text.count(chr(10))} lines, more than {LINES}: split it by meaning"


def prove():
    broken = {
        "ike/v1/x.cpp": '#include "host/log.hpp"\n',
        "dataplane/x.cpp": '#include "ike/engine/engine.hpp"\n',
        "daemon/x.cpp": '#include "dataplane/userspace/plane.hpp"\n',
        "firewall/x.cpp": '#include "host/nft.hpp"\n',
        "host/x.cpp": '#include "firewall/guard.hpp"\n',
        "base/x.hpp": '#include "codec/reader.hpp"\n',
        "crypto/x.cpp": "#include <openssl/evp.h>\n",
        "ike/x.cpp": "auto t = std::chrono::steady_clock::now();\n",
        "codec/x.cpp": "#include <sys/socket.h>\n",
        "cli/x.cpp": "//\n" * (LINES + 1),
    }
    return [path for path, text in broken.items() if not list(complaints(path, text))]


def main():
    root = os.path.join(sys.argv[1], "src")
    unproved = prove()
    if unproved:
        print("these violations are not found:", ", ".join(unproved))
        return 1
    found, files = [], 0
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            if name.endswith((".hpp", ".cpp", ".def")):
                files += 1
                with open(os.path.join(folder, name)) as source:
                    relative = os.path.relpath(os.path.join(folder, name), root)
                    if "/" in relative:
                        found += complaints(relative, source.read())
    print("\n".join(found) if found else f"{files} files keep the rules")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
