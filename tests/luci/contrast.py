"""The contrast of what a page shows (WCAG 2.1, 1.4.3 and 1.4.11), with every opacity and every half transparent ground in it."""

from __future__ import annotations

import json
from typing import Any

import chromium

TEXT, GRAPHIC = 4.5, 3.0

COLOURS = """
const number = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
const mix = (top, under, share) => top.slice(0, 3).map((v, i) => v * share + under[i] * (1 - share));
const light = (c) => { const [r, g, b] = c.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
"""

PALE = COLOURS + """
const seen = (chain, under) => {
    const style = getComputedStyle(chain[0]), own = number(style.backgroundColor), ground = mix(own, under, own[3]);
    const ink = number(style.color);
    const both = chain.length > 1 ? seen(chain.slice(1), ground) : [mix(ink, ground, ink[3]), ground];
    return both.map((colour) => mix(colour, under, +style.opacity));
};
const pale = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let count = 0;
while (texts.nextNode()) {
    const text = texts.currentNode.nodeValue.trim(), chain = [];
    if (!text || !texts.currentNode.parentElement.getClientRects().length)
        continue;
    count += 1;
    for (let one = texts.currentNode.parentElement; one; one = one.parentElement)
        chain.unshift(one);
    const found = ratio(...seen(chain, [255, 255, 255]));
    if (found < LEAST)
        pale.push(`${found.toFixed(2)}: ${text.slice(0, 60)}`);
}
return { count, pale };"""


def texts(browser: chromium.Chromium) -> tuple[int, list[str]]:
    """How many texts the page shows, and which of them are too pale."""
    told = browser.value("(() => {" + PALE.replace("LEAST", str(TEXT)) + "})()")
    return int(told["count"]), list(told["pale"])


def colours(browser: chromium.Chromium, inside: str, names: list[str]) -> dict[str, float]:
    """The ratios of colours that a style names, by their names, against the page's ground."""
    told: dict[str, Any] = browser.value("(() => {" + COLOURS + f"""
        const probe = document.createElement('i'), ground = number(getComputedStyle(document.body).backgroundColor);
        document.querySelector({json.dumps(inside)}).append(probe);
        const found = {{}};
        for (const name of {json.dumps(names)}) {{
            probe.style.color = `var(${{name}})`;
            found[name] = ratio(number(getComputedStyle(probe).color).slice(0, 3), ground.slice(0, 3));
        }}
        probe.remove();
        return found;
    }})()""")
    return {name: float(value) for name, value in told.items()}
