"""Counts the walls that are missing in the IKE engine, and holds the counts: they may only become fewer.

walls.py ROOT [--list]: for `src/ike/engine`,
  mutual   pairs of sources that call functions of each other's (methods of one class, defined in several files)
  shared   data members of plain structs that more than one source writes to
What is private to a class is written by that class alone: the compiler sees to it, and it is not counted. The figures
that hold are in walls.txt beside this file; exit 0 when they are met, 1 when there are more, or fewer (then walls.txt is
to follow). Each run first shows on made-up sources that both kinds are found.
"""

import os
import re
import sys

STRUCT = re.compile(r"^(?:struct) (\w+)[^;{]*\{$", re.M)
# Fills in values of another floor (status/status.hpp), some of whose members have the same names.
FILLS_OTHERS = {"status.cpp"}
# "    bool dead = false;  ///<", "    std::optional<Instant> next;", "    std::vector<ChildSa> sas;"
MEMBER = re.compile(r"^    (?!return|using|friend|static|typedef|if|explicit|\[\[)[\w:<>,*& ]+[ >*&](\w+)(?:\{[^}]*\}| = [^;]+)?;", re.M)
METHOD = re.compile(r"^[\w:<>*&, \[\]]*?\b(\w+(?:::\w+)*)::(~?\w+)\(", re.M)
COMMENT = re.compile(r"//[^\n]*")
WRITES = (r"(?:\.|->){0}(?:\.(?:reset|clear|push_back|emplace|emplace_back|insert|erase|assign|swap|pop_front|pop_back|resize)\(|"
          r"(?:\[[^\]]*\])? ?(?:[-+|&^*/]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)[\w.*>\-\[\]()]*(?:\.|->){0}\b|"
          r"std::(?:exchange|move|erase|erase_if)\([^;]*?(?:\.|->){0}\b[,)]")


def members(text):
    """{struct: members} of the structs that a header lays open."""
    found = {}
    for head in STRUCT.finditer(text):
        end = text.find("\n};", head.end())
        names = MEMBER.findall(text[head.end():end])
        if names:
            found[head.group(1)] = names
    return found


def methods(text):
    """Names of functions of a class whose body this source has."""
    return {name for owner, name in METHOD.findall(text) if not name.startswith("~") and owner.split("::")[-1] != name}


def count(sources):
    """(mutual pairs, shared members with their writers) of {name: text}; headers and sources."""
    bodies = {name: COMMENT.sub("", text) for name, text in sources.items() if name.endswith(".cpp")}
    defined = {name: methods(text) for name, text in bodies.items()}
    several = {}
    for name, own in defined.items():
        for method in own:
            several.setdefault(method, set()).add(name)
    calls = {}
    for name, text in bodies.items():
        called = set(re.findall(r"(?<![\w:.>])(\w+)\(", text))
        calls[name] = {other for method in called for other in several.get(method, ())
                       if other != name and method not in defined[name]}
    mutual = sorted((a, b) for a in calls for b in calls[a] if a < b and a in calls[b])
    fields = {}
    for name, text in sources.items():
        if name.endswith(".hpp"):
            for struct, names in members(COMMENT.sub("", text)).items():
                for member in names:
                    fields.setdefault(member, set()).add(struct)
    shared = {}
    for member in fields:
        pattern = re.compile(WRITES.format(re.escape(member)))
        writers = sorted(name for name, text in bodies.items() if name not in FILLS_OTHERS and pattern.search(text))
        if len(writers) > 1:
            shared[member] = writers
    return mutual, shared


def prove():
    """Whether both kinds are found, and nothing else."""
    made_up = {"all.hpp": "struct Peer {\n    int mine = 0;\n    int ours = 0;\n    int read = 0;\n};\n",
               "a.cpp": "void Impl::f() {\n    g();\n    peer.mine = 1;\n    ++peer.ours;\n}\n",
               "b.cpp": "void Impl::g() {\n    f();\n    peer->ours.reset();\n    if (peer.mine == 1 || peer.read != 2) {\n    }\n}\n",
               "c.cpp": "void Impl::h() {\n    g();\n}\n"}
    return count(made_up) == ([("a.cpp", "b.cpp")], {"ours": ["a.cpp", "b.cpp"]})


def main():
    if not prove():
        print("the walls of the made-up sources are not counted as they are")
        return 1
    folder = os.path.join(sys.argv[1], "src", "ike", "engine")
    sources = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name)) as source:
            sources[name] = source.read()
    mutual, shared = count(sources)
    if "--list" in sys.argv:
        print("\n".join(f"{a} and {b} call each other" for a, b in mutual))
        print("\n".join(f"{member} is written by {', '.join(writers)}" for member, writers in sorted(shared.items())))
    now = {"mutual": len(mutual), "shared": len(shared)}
    with open(os.path.join(sys.argv[1], "tests", "floors", "walls.txt")) as held:
        holds = {name: int(number) for name, number in (line.split() for line in held if line.strip())}
    print(f"mutual pairs {now['mutual']}, members with several writers {now['shared']}")
    if now != holds:
        print(f"tests/floors/walls.txt has {holds}: " + ("fewer, so it follows" if all(now[one] <= holds[one] for one in now)
                                                         else "more; walls.py . --list shows them"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
