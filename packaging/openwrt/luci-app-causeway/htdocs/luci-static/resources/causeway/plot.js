'use strict';
'require baseclass';
'require causeway.model as model';

// The plots as SVG elements: strips, and lines of a round trip or of traffic. Nothing here reads a clock or asks anybody.

const space = 'http://www.w3.org/2000/svg';
const width = 288;

function element(name, attributes, children) {
	const made = document.createElementNS(space, name);
	for (const key in attributes)
		made.setAttribute(key, attributes[key]);
	(children || []).forEach((child) => made.appendChild(child));
	return made;
}

function drawing(height, children) {
	return element('svg', { viewBox: '0 0 %d %d'.format(width, height), preserveAspectRatio: 'none', role: 'img',
		focusable: 'false', 'class': 'cw-svg', style: 'height:%dpx'.format(height) }, children);
}

function put(node, attribute, value) {
	if (node.getAttribute(attribute) !== value)
		node.setAttribute(attribute, value);
}

const strip_height = 14, line_height = 44;

return baseclass.extend({
	/// A row of the strip; update(letters, label) draws it anew.
	strip: function() {
		const states = [ 'u', 'd', 'p' ];
		const paths = states.map((state) => element('path', { 'class': 'cw-strip-' + state }));
		const ticks = element('path', { 'class': 'cw-tick' });
		const node = drawing(strip_height, paths.concat(ticks));
		return { node: node, update: (letters, label) => {
			const made = model.strip(letters);
			const dx = width / Math.max(1, made.length);
			const box = (i, top, height) => 'M%s %dh%sv%dh-%sz'.format((i * dx).toFixed(1), top, dx.toFixed(1), height, dx.toFixed(1));
			// Down is lower than up, so that it tells without colours.
			const tops = { u: [ 2, 12 ], d: [ 10, 4 ], p: [ 6, 8 ] };
			states.forEach((state, at) => put(paths[at], 'd', made.reduce((d, column, i) =>
				column.state == state ? d + box(i, tops[state][0], tops[state][1]) : d, '')));
			put(ticks, 'd', made.reduce((d, column, i) => column.tick ? d + 'M%s 0v5'.format(((i + 0.5) * dx).toFixed(1)) : d, ''));
			put(node, 'aria-label', label);
		} };
	},

	/// Lines over time, one for each name of a class; update(lists of values, label) draws them anew.
	lines: function(names) {
		const paths = names.map((name) => element('path', { 'class': 'cw-line cw-line-' + name, 'vector-effect': 'non-scaling-stroke' }));
		const node = drawing(line_height, paths);
		return { node: node, update: (lists, label) => {
			const most = Math.max(0, ...lists.map((values) => values.reduce((m, v) => v > m ? v : m, 0)));
			lists.forEach((values, at) => put(paths[at], 'd', model.path(values, width, line_height, most)));
			put(node, 'aria-label', label);
			return most;
		} };
	},
});
