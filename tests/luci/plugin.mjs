// The rpcd plugin, which is written in the words that ucode and JavaScript share, run by node: ucode's built-in functions are
// here, and what it would have run is told to the test instead, or is run. See plugin_test.mjs.
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, rmSync } from 'node:fs';

const type = (value) => value === null || value === undefined ? null : Array.isArray(value) ? 'array'
	: typeof(value) == 'boolean' ? 'bool' : typeof(value) == 'number' ? 'int' : typeof(value);

export function shell(line) {
	try {
		return { exit: 0, said: execFileSync('/bin/sh', [ '-c', line ], { encoding: 'utf8', stdio: [ 'ignore', 'pipe', 'ignore' ] }) };
	}
	catch (error) {
		return { exit: error.status ?? 127, said: String(error.stdout ?? '') };
	}
}

/// The plugin's methods. `perform(line)` stands for the shell; `paths` are replaced in the text; `sockets` stands for the module
/// of that name, which a router need not have. `counted` gets how often JSON is read or written.
export function plugin(path, perform, paths = {}, sockets = null, counted = {}) {
	let text = readFileSync(path, 'utf8').replace(/^#!.*/, '').replace(/^import .*$/m, '');
	for (const [ from, to ] of Object.entries(paths))
		text = text.replaceAll(from, to);
	const words = {
		type, json: (text) => { counted.json = (counted.json ?? 0) + 1; return JSON.parse(text); }, length: (value) => value === null || value === undefined ? null : value.length,
		push: (list, value) => list.push(value), keys: Object.keys, trim: (value) => value.trim(),
		replace: (value, pattern, by) => value.replace(pattern, () => by),
		match: (value, pattern) => value.match(pattern), index: (list, value) => list.indexOf(value),
		split: (value, by) => value.split(by), join: (by, list) => list.join(by), substr: (value, from, count) => value.substr(from, count),
		time: () => Math.floor(Date.now() / 1000),
		require: (name) => { if (name != 'socket' || !sockets) throw new Error(`No module named '${name}' could be found`); return sockets; },
		sprintf: (format, value) => { if (format != '%J') throw new Error(format); counted.json = (counted.json ?? 0) + 1; return JSON.stringify(value); },
		popen: (line) => { const told = perform(line); return { read: () => told.said, close: () => told.exit }; },
		readfile: (name) => { try { return readFileSync(name, 'utf8'); } catch { return null; } },
		lstat: (name) => { try { return { type: lstatSync(name).isFile() ? 'file' : 'other' }; } catch { return null; } },
	};
	return new Function(...Object.keys(words), text)(...Object.values(words))['luci.causeway'];
}

/// A daemon's sockets: `answers` has, by the command's name, what arrives piece by piece; nothing: it does not run.
export function daemon(answers, told = []) {
	return { connect: (to) => {
		if (!answers)
			return null;
		told.push(to.path);
		const pieces = [];
		return { pieces, send: (line) => { told.push(line); pieces.push(...(answers[JSON.parse(line).command] ?? [])); return line.length; },
			recv: () => pieces.shift() ?? '', close: () => told.push('closed') };
	}, poll: (most, peer) => [ [ peer, peer.pieces.length ? 1 : 0 ] ] };
}

export const remove = (path) => rmSync(path, { recursive: true, force: true });
