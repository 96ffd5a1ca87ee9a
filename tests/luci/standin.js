// What of LuCI's client interface the page uses, for tests: by the same names and with the same traps (a text that E() gets
// outside of a list is taken as HTML), and stricter where LuCI would let a mistake pass. Sources come as texts by class name.
'use strict';

(function() {
	const classes = {}, polled = [], asked = [];
	const translated = {};

	window._ = (text) => Object.hasOwn(translated, text) ? translated[text] : text;

	String.prototype.format = function(...values) {
		let at = 0;
		const made = this.replace(/%(.?)/g, (all, kind) => {
			if (kind == '%')
				return '%';
			if (kind != 's' && kind != 'd')
				throw new Error('the stand-in knows no "%' + kind + '" in: ' + this);
			if (at >= values.length)
				throw new Error('too few values for: ' + this);
			const value = values[at++];
			return kind == 's' ? String(value) : Math.floor(+value || 0).toFixed(0);
		});
		if (at != values.length)
			throw new Error('too many values for: ' + this);
		return made;
	};

	function append(node, children) {
		if (Array.isArray(children))
			children.forEach((child) => {
				if (child instanceof Node)
					node.appendChild(child);
				else if (child !== null && child !== undefined)
					node.appendChild(document.createTextNode(String(child)));
			});
		else if (children instanceof Node)
			node.appendChild(children);
		else if (children !== null && children !== undefined)
			node.innerHTML = String(children);
	}

	window.E = function(name, attributes, children) {
		if (Array.isArray(attributes) || attributes instanceof Node || typeof(attributes) == 'string')
			[ attributes, children ] = [ null, attributes ];
		const node = document.createElement(name);
		for (const key in attributes || {}) {
			const value = attributes[key];
			if (typeof(value) == 'function')
				node.addEventListener(key, value);
			else if (value !== null && value !== undefined)
				node.setAttribute(key, String(value));
		}
		append(node, children);
		return node;
	};

	function extend(properties) {
		const base = this;
		const made = function() { };
		made.prototype = Object.assign(Object.create(base ? base.prototype : Object.prototype), properties);
		made.extend = extend;
		return made;
	}

	const baseclass = { extend: (properties) => extend.call(null, properties) };

	function declare(options) {
		return (...values) => {
			const named = {};
			(options.params || []).forEach((name, at) => named[name] = values[at]);
			asked.push({ object: options.object, method: options.method, args: named });
			return Promise.resolve(window.Standin.answer(options.object, options.method, named)).then((answer) => {
				if (typeof(answer) == 'number' && options.reject)
					throw new Error('RPC call to %s/%s failed with ubus code %d: stand-in'.format(options.object, options.method, answer));
				return answer;
			});
		};
	}

	Object.assign(classes, { baseclass: baseclass, view: baseclass, rpc: { declare: declare },
		poll: { add: (call, seconds) => polled.push({ call: call, seconds: seconds }) } });

	window.L = { hasViewPermission: () => window.Standin.permitted, resource: (path) => window.Standin.resources + path };

	function required(name) {
		if (classes[name])
			return classes[name];
		const source = window.Standin.sources[name];
		if (source === undefined)
			throw new Error('no class ' + name);
		const names = [], values = [];
		for (const line of source.matchAll(/^'require ([\w.]+)(?: as (\w+))?';$/gm)) {
			names.push(line[2] || line[1]);
			values.push(required(line[1]));
		}
		const made = new Function('window', 'document', 'L', ...names, source + '\n//# sourceURL=' + name + '.js');
		classes[name] = new (made(window, document, window.L, ...values))();
		return classes[name];
	}

	window.Standin = {
		sources: {}, resources: '', permitted: true, errors: [], asked: asked, polled: polled, translated: translated,
		answer: () => 4,
		open: (name, place) => {
			const view = required(name);
			return Promise.resolve(view.load()).then((loaded) => view.render(loaded)).then((node) => place.replaceChildren(node));
		},
		poll: () => Promise.all(polled.map((one) => one.call())),
		required: required,
	};
	window.addEventListener('error', (event) => window.Standin.errors.push(event.message));
	window.addEventListener('unhandledrejection', (event) => window.Standin.errors.push(String(event.reason)));
})();
