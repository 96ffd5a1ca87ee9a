"""Every source includes what it uses of the C++ library and of fmt: newer ones include less by themselves.

includes.py ROOT. A source may rely on the header that it implements (name.cpp on name.hpp).
"""

import pathlib
import re
import sys

HEADERS = {
    "algorithm": """adjacent_find all_of any_of binary_search clamp copy copy_backward copy_if copy_n count count_if equal equal_range
        fill fill_n find find_end find_first_of find_if find_if_not for_each for_each_n generate generate_n includes
        is_permutation is_sorted lexicographical_compare lower_bound max max_element merge min min_element minmax mismatch
        move_backward next_permutation none_of nth_element partial_sort partition remove remove_if replace replace_if reverse
        rotate search shuffle sort stable_sort swap_ranges transform unique upper_bound""",
    "any": "any any_cast",
    "array": "array to_array",
    "atomic": "atomic atomic_flag",
    "bit": "bit_cast countl_zero countr_zero has_single_bit popcount rotl rotr endian",
    "cctype": "isalnum isalpha isdigit isprint isspace isxdigit tolower toupper",
    "cerrno": "",
    "charconv": "from_chars to_chars",
    "chrono": "",
    "cmath": "ceil floor isfinite lround pow sqrt",
    "condition_variable": "condition_variable",
    "cstddef": "byte max_align_t nullptr_t ptrdiff_t",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t",
    "cstdio": "fclose fflush fopen fprintf fputs fread fwrite printf puts snprintf",
    "cstdlib": "abort exit free getenv malloc strtol strtoul",
    "cstring": "memcmp memcpy memmove memset strcmp strerror strlen strncmp",
    "ctime": "time tm time_t",
    "deque": "deque",
    "exception": "exception exception_ptr terminate",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "bind function greater hash less plus ref reference_wrapper",
    "initializer_list": "initializer_list",
    "iostream": "cerr cin cout",
    "iterator": """advance back_inserter begin distance end front_inserter inserter istreambuf_iterator istream_iterator next
        ostream_iterator prev reverse_iterator size""",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "mutex": "lock_guard mutex once_flag scoped_lock unique_lock",
    "new": "bad_alloc nothrow",
    "numeric": "accumulate inner_product iota partial_sum reduce",
    "optional": "nullopt optional",
    "random": "mt19937 mt19937_64 random_device uniform_int_distribution",
    "ranges": "views",
    "regex": "regex regex_match regex_search smatch",
    "set": "multiset set",
    "span": "span",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "invalid_argument logic_error out_of_range runtime_error",
    "string": "getline stoi stoul string to_string",
    "string_view": "string_view",
    "system_error": "error_code system_category system_error",
    "thread": "jthread thread",
    "tuple": "apply forward_as_tuple make_tuple tie tuple",
    "type_traits": """decay_t enable_if_t is_arithmetic_v is_enum_v is_integral_v is_same_v remove_cvref_t underlying_type_t
        void_t""",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "as_const declval exchange forward index_sequence make_index_sequence make_pair move pair swap",
    "variant": "get_if holds_alternative monostate variant visit",
    "vector": "vector",
}
# What another header has by the standard, or names so generally that the argument decides.
ALSO = {"string_view": {"string"}, "iterator": {"array", "deque", "list", "map", "set", "span", "string", "string_view", "vector"},
        "initializer_list": {"map", "set", "string", "vector"}, "cstddef": {"array", "string", "vector"},
        "utility": {"map", "tuple"}}
FMT = {"fmt/ranges.h": "join", "fmt/format.h": "format format_to"}
NAME = re.compile(r"\bstd::(ranges::)?([a-z_0-9]+)")
FMT_NAME = re.compile(r"\bfmt::([a-z_0-9]+)\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
WHERE = {name: header for header, names in HEADERS.items() for name in names.split()}
FMT_WHERE = {name: header for header, names in FMT.items() for name in names.split()}


def included(path):
    return set(INCLUDE.findall(path.read_text())) if path.exists() else set()


def missing(path):
    text = path.read_text()
    there = included(path)
    if path.suffix == ".cpp":
        there |= included(path.with_suffix(".hpp"))
    code = COMMENT.sub("", text)
    used = {}
    for ranges, name in NAME.findall(code):
        header = WHERE.get(name)
        if header is not None and (not ranges or header == "algorithm"):
            used.setdefault(header, "std::" + name)
    for name in FMT_NAME.findall(code):
        if name in FMT_WHERE:
            used.setdefault(FMT_WHERE[name], "fmt::" + name)
    return {header: name for header, name in used.items() if header not in there and not ALSO.get(header, set()) & there}


def main():
    root = pathlib.Path(sys.argv[1])
    count = failed = 0
    for folder in ("src", "tests", "fuzz", "bench"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            count += 1
            for header, name in sorted(missing(path).items()):
                failed += 1
                print(f"{path.relative_to(root)}: uses {name} and does not include <{header}>")
    print(f"{count} files, {failed} includes are missing")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
