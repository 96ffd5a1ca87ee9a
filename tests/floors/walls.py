"""Counts the walls that are missing in the IKE engine, and holds the counts: they may only become fewer.

walls.py ROOT [--list]: for `src/ike/engine` and for `src/ike/v1`, each by itself,
  mutual   pairs of sources that call functions of each other's (methods of one class, defined in several files)
  shared   data members of plain structs, nested ones too, that more than one source writes to
What is private to a class is written by that class alone: the compiler sees to it, and it is not counted. Nor is what a
function writes to a value that it makes itself, or that was handed over to it (`&&`): that is nobody else's. The figures
that hold are in walls.txt beside this file; exit 0 when they are met, 1 when there are more, or fewer (then walls.txt is
to follow). Each run first shows on made-up sources that both kinds are found.
"""

import os
import re
import sys

FOLDERS = {"engine": "src/ike/engine", "v1": "src/ike/v1"}
STRUCT = re.compile(r"^( *)struct (\w+)[^;{]*\{$", re.M)
# What IKEv1's arrows take and give: a state is made by the arrow that leads to it and never changed after that, and
# each arrow begins with effects of its own. So that several sources fill in members of one name is no shared state.
MADE_BY_ARROWS = {"main_mode.hpp", "aggressive_mode.hpp", "quick_mode.hpp", "phase1.hpp", "protection.hpp"}
# Fills in values of another floor (status/status.hpp), some of whose members have the same names.
FILLS_OTHERS = {"status.cpp"}
# "    bool dead = false;  ///<", "    std::optional<Instant> next;", "    std::vector<ChildSa> sas;"
MEMBER = re.compile(r"^(?!return|using|friend|static|typedef|if|explicit|\[\[)[\w:<>,*& ]+[ >*&](\w+)(?:\{[^}]*\}| = [^;]+)?;", re.M)
METHOD = re.compile(r"^(?! )[\w:<>*&, \[\]]*?\b(\w+(?:::\w+)*)::(~?\w+)\(", re.M)
COMMENT = re.compile(r"//[^\n]*")
WRITES = (r"(?:\.|->){0}(?:\.(?:reset|clear|push_back|emplace|emplace_back|insert|erase|assign|swap|pop_front|pop_back|resize)\(|"
          r"(?:\[[^\]]*\])? ?(?:[-+|&^*/]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)[\w.*>\-\[\]()]*(?:\.|->){0}\b|"
          r"std::(?:exchange|move|erase|erase_if)\([^;,()]*(?:\.|->){0}\b[,)]")


# "Loss loss{", "MadePair made;", "auto pair = std::make_shared<sa::SaPair>()", "(session::Heard&& heard)"
OWN_VALUE = re.compile(r"^ +(?:const )?(?:\w+::)*[A-Z]\w* (\w+)(?:;|\{| = |\()|\bauto (\w+) = std::make_(?:shared|unique)<|\b\w+&& (\w+)[,)]", re.M)
DESIGNATOR = re.compile(r"(?<=[{,])(\s*)\.(\w+ =)")


def without_own_values(text):
    """The functions of a source, what they write to values of their own left out."""
    functions = []
    for function in DESIGNATOR.sub(r"\1\2", text).split("\n}\n"):
        for names in OWN_VALUE.findall(function):
            function = re.sub(r"\b%s(?:\.|->)(?=\w)" % "".join(names), "own_value_", function)
        functions.append(function)
    return "\n}\n".join(functions)


def members(text):
    """{struct: members} of the structs that a header lays open, or a class of it has."""
    found = {}
    for head in STRUCT.finditer(text):
        indent = head.group(1)
        end = text.find(f"\n{indent}}};", head.end())
        own = [line[len(indent) + 4:] for line in text[head.end():end].split("\n") if re.match(indent + r"    \S", line)]
        names = MEMBER.findall("\n".join(own))
        if names:
            found.setdefault(head.group(2), []).extend(names)
    return found


def methods(text):
    """{class: names} of its functions whose body this source has."""
    found = {}
    for owner, name in METHOD.findall(text):
        if not name.startswith("~") and owner.split("::")[-1] != name:
            found.setdefault(owner, set()).add(name)
    return found


def count(sources):
    """(mutual pairs, shared members with their writers) of {name: text}; headers and sources."""
    bodies = {name: COMMENT.sub("", text) for name, text in sources.items() if name.endswith(".cpp")}
    defined = {name: methods(text) for name, text in bodies.items()}
    calls = {}
    for name, text in bodies.items():
        called = set(re.findall(r"(?<![\w:.>])(\w+)\(", text))
        calls[name] = {other for owner, own in defined[name].items() for other in defined
                       if other != name and (called - own) & defined[other].get(owner, set())}
    mutual = sorted((a, b) for a in calls for b in calls[a] if a < b and a in calls[b])
    fields = {}
    for name, text in sources.items():
        if name.endswith(".hpp") and name not in MADE_BY_ARROWS:
            for struct, names in members(COMMENT.sub("", text)).items():
                for member in names:
                    fields.setdefault(member, set()).add(struct)
    bodies = {name: without_own_values(text) for name, text in bodies.items()}
    shared = {}
    for member in fields:
        pattern = re.compile(WRITES.format(re.escape(member)))
        writers = sorted(name for name, text in bodies.items() if name not in FILLS_OTHERS and pattern.search(text))
        if len(writers) > 1:
            shared[member] = writers
    return mutual, shared


def prove():
    """Whether both kinds are found, and nothing else."""
    made_up = {"all.hpp": "struct Peer {\n    int mine = 0;\n    int ours = 0;\n    int read = 0;\n"
                          "    int f() {\n        int local = 0;\n    }\n};\n"
                          "class Impl {\n    struct Inner {\n        int deep = 0;\n        int shallow = 0;\n    };\n    int own = 0;\n};\n",
               "phase1.hpp": "struct State {\n    int value = 0;\n};\n",
               "a.cpp": "void Impl::f() {\n    g();\n    peer.mine = 1;\n    ++peer.ours;\n    one.deep = 2;\n    state.value = 1;\n"
                        "    a.own = 1;\n    a.local = 1;\n    over(1);\n}\nvoid Impl::over(int) {\n}\n",
               "b.cpp": "void Impl::g() {\n    f();\n    peer->ours.reset();\n    if (peer.mine == 1 || peer.read != 2) {\n    }\n"
                        "    one.deep.clear();\n    one.shallow = 1;\n    state.value = 2;\n    b.own = 2;\n    b.local = 2;\n"
                        "    Impl::k(1);\n    h();\n}\n",
               "c.cpp": "void Impl::h() {\n    k(2);\n    over(k);\n}\nvoid Impl::over(K) {\n}\n",
               "d.cpp": "void Tool::k() {\n    other();\n}\nvoid Tool::fail() {\n}\n",
               "e.cpp": "void Part::other() {\n    fail();\n    peer.read = 1;\n}\n",
               # Values of their own.
               "f.cpp": "void Impl::l(Peer&& given) {\n    Peer made;\n    made.mine = 1;\n    given.read = 2;\n"
                        "    auto other = std::make_shared<Peer>();\n    other->mine = 3;\n    m({.mine = 1, .read = 2});\n}\n"}
    return count(made_up) == ([("a.cpp", "b.cpp")], {"deep": ["a.cpp", "b.cpp"], "ours": ["a.cpp", "b.cpp"]})


def figures(name, folder, listed):
    """{kind: number} of one folder."""
    sources = {}
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file)) as source:
            sources[file] = source.read()
    mutual, shared = count(sources)
    if listed:
        print("\n".join(f"{name}: {a} and {b} call each other" for a, b in mutual))
        print("\n".join(f"{name}: {member} is written by {', '.join(writers)}" for member, writers in sorted(shared.items())))
    return {f"{name} mutual": len(mutual), f"{name} shared": len(shared)}


def main():
    if not prove():
        print("the walls of the made-up sources are not counted as they are")
        return 1
    now = {}
    for name, folder in FOLDERS.items():
        now.update(figures(name, os.path.join(sys.argv[1], folder), "--list" in sys.argv))
    with open(os.path.join(sys.argv[1], "tests", "floors", "walls.txt")) as held:
        holds = {kind: int(number) for kind, number in (line.rsplit(maxsplit=1) for line in held if line.strip())}
    print(", ".join(f"{kind} {number}" for kind, number in now.items()))
    if now != holds:
        print(f"tests/floors/walls.txt has {holds}: " + ("fewer, so it follows" if all(now[one] <= holds.get(one, 0) for one in now)
                                                         else "more; walls.py . --list shows them"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
