// The style of a report: that of the page in LuCI (packaging/openwrt/luci-app-causeway, page.css), for a page by itself.
#pragma once

#include <string_view>

namespace causeway::cli {

/// Colours for both themes have 3:1 and more against their background, and text 4.5:1. On paper the fills stay, which tell more than
/// the lamps' forms, and no tunnel is torn apart.
inline constexpr std::string_view report_style = R"(
:root { color-scheme: light dark; --ink: #1f1f1f; --paper: #fff; --good: #2a8a4a; --bad: #cf4440; --busy: #a87400; --unknown: #767676; --in: #2f7fc1; --out: #a55ab5; --edge: #8884; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #1f1f1f; --good: #3fae66; --bad: #f08a86; --busy: #d09a2a; --unknown: #949494; --in: #5aa5e0; --out: #c583d3; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: .8em; max-width: 60em; font: 1em/1.4 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.4em; margin: 0; } h2 { font-size: 1.1em; margin: 0 0 .3em; } h3 { font-size: 1em; margin: 0; }
small, footer, .axis { opacity: .8; font-weight: normal; }
ul { list-style: none; margin: 0; padding: 0; }
section { border: 1px solid var(--edge); border-radius: 4px; padding: .6em .8em; margin: .8em 0; }
.tunnel { border-top: 1px solid var(--edge); padding: .5em 0; }
.head, .lamps { display: flex; flex-wrap: wrap; gap: .3em 1em; align-items: center; }
.lamps li { display: flex; align-items: center; gap: .35em; }
.lamp { flex: none; width: .8em; height: .8em; border: 2px solid var(--unknown); border-radius: 50%; }
.lamp.good { background: var(--good); border-color: var(--good); }
.lamp.bad { background: var(--bad); border-color: var(--bad); border-radius: 0; }
.lamp.busy { background: linear-gradient(90deg, var(--busy) 50%, transparent 50%); border-color: var(--busy); }
.finding { border-left: 4px solid var(--unknown); padding: .1em .6em; margin: .3em 0; }
.finding.error { border-color: var(--bad); } .finding.warning { border-color: var(--busy); }
.finding span { display: block; opacity: .85; }
.plots { display: grid; grid-template-columns: 12em minmax(0, 1fr); gap: .15em .6em; align-items: center; margin-top: .4em; }
.axis { display: flex; justify-content: space-between; font-size: .85em; grid-column: 2; }
.why { font-size: .9em; margin-top: .5em; }
svg { display: block; width: 100%; background: var(--edge); }
.u { fill: var(--good); } .d { fill: var(--bad); } .p { fill: var(--busy); } .in { fill: var(--in); } .out { fill: var(--out); }
.tick { stroke: currentColor; stroke-width: 1; }
.line { fill: none; stroke: var(--in); stroke-width: 1.5; stroke-linecap: round; }
@media (max-width: 600px) { .plots { grid-template-columns: minmax(0, 1fr); } .axis { grid-column: 1; } }
@media print { :root { color-scheme: light; } body { max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; } .tunnel { break-inside: avoid; } }
)";

}  // namespace causeway::cli
