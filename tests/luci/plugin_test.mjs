// The rpcd plugin: what it refuses, what it runs, and what becomes of the answers. node plugin_test.mjs PLUGIN [PROGRAMS]
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { daemon, plugin, shell } from './plugin.mjs';

const [ path, programs ] = process.argv.slice(2);
const here = new URL('.', import.meta.url).pathname;
const recorded = (name) => readFileSync(here + 'answers/' + name + '.json', 'utf8');
const good = { our_name: 'office.example.org', our_network: '192.168.1.0/24', their_name: 'box.example.net',
	their_network: '192.168.178.0/24', kind: 'fritzbox', box: '7590@8.02' };

/// A plugin whose programs answer from a list of [ pattern, exit, text ], and the lines that it ran.
function asked(...answers) {
	const lines = [];
	const made = plugin(path, (line) => {
		lines.push(line);
		const found = answers.find((one) => one[0].test(line));
		return found ? { exit: found[1], said: found[2] } : { exit: 127, said: '' };
	});
	return { call: (method, args = {}) => made[method].call({ args }), lines, methods: made };
}

const status = [ /'status'/, 0, recorded('status') ], history = [ /'history'/, 0, recorded('history') ];

test('one call gives status and history as the tool printed them', () => {
	const on = asked(status, history);
	const answer = on.call('look', { status: true, history: true });
	assert.equal(answer.status, recorded('status'));
	assert.equal(answer.history, recorded('history'));
	assert.equal(answer.exit, 0);
	assert.equal(on.lines.length, 2);
});

test('what was not asked for is not run', () => {
	const on = asked(status, history);
	assert.equal(on.call('look', { status: true, history: false }).history, '');
	assert.equal(on.call('look', { status: false, history: true }).status, '');
	assert.deepEqual(on.lines.map((line) => /'(status|history)'/.exec(line)[1]), [ 'status', 'history' ]);
});

test('without a daemon its reason is told, and whether the file is of use', () => {
	const on = asked([ /'status'/, 3, '{"ok":false,"exit":3,"message":"causewayd is not running"}' ], [ /'check'/, 1, '{"usable":false}' ]);
	const answer = on.call('look');
	assert.equal(answer.exit, 3);
	assert.equal(answer.message, 'causewayd is not running');
	assert.equal(answer.checked, '{"usable":false}');
	assert.equal(on.lines.length, 2);
});

test('an old daemon has a status and no history, and says so', () => {
	const answer = asked(status, [ /'history'/, 2, '{"message":"the causewayd that runs is older"}' ]).call('look');
	assert.equal(answer.status, recorded('status'));
	assert.equal(answer.history_message, 'the causewayd that runs is older');
});

test('no tool is told from no daemon', () => assert.equal(asked().call('look').exit, 127));

const said = (field, text) => `{"protocol":1,"ok":true,"exit":0,"${field}":${text}}\n`;
const short = (name) => JSON.stringify(JSON.parse(recorded(name)));

test('where there are sockets the daemon is asked, and no program is run', () => {
	const told = [], line = said('status', short('status'));
	const sockets = daemon({ status: [ line.slice(0, 9), line.slice(9, 800), line.slice(800) ], history: [ said('history', short('history')) ] }, told);
	const answer = plugin(path, (line) => assert.fail(line), {}, sockets).look.call({ args: { status: true, history: true } });
	assert.deepEqual(answer, { exit: 0, message: '', status: short('status'), history: short('history'), history_message: '',
		history_left_out: false, checked: '' });
	assert.deepEqual(told.filter((one) => one.startsWith('{')).map(JSON.parse), [ { command: 'status' }, { command: 'history', hours: 24 } ]);
	assert.deepEqual(told.filter((one) => !one.startsWith('{')), [ '/var/run/causeway/control.sock', 'closed', '/var/run/causeway/control.sock', 'closed' ]);
});

function many(text, field, count) {
	const value = JSON.parse(text), one = value[field];
	value[field] = Array.from({ length: count }, (_, at) => ({ ...one[at % one.length], name: 'peer' + at }));
	return JSON.stringify(value);
}

function cpu(call) {
	const spent = [];
	for (let i = 0; i < 9; i++) {
		const before = process.cpuUsage();
		call();
		const { user, system } = process.cpuUsage(before);
		spent.push(user + system);
	}
	return spent.sort((a, b) => a - b)[4];
}

// What a call costs a router is to start programs and to read JSON (docs/decisions/0020): none of both, however many there are.
test('a call for 200 connections starts nothing, reads no JSON, and asks the daemon once', () => {
	const text = many(recorded('status'), 'peers', 200), line = said('status', text), told = [], counted = {};
	const pieces = line.match(/[^]{1,65536}/g);
	const on = () => plugin(path, (line) => assert.fail(line), {}, daemon({ status: pieces }, told), counted);
	const answer = on().look.call({ args: { status: true, history: false } });
	assert.equal(answer.status, text);
	assert.equal(counted.json, undefined);
	assert.deepEqual(told.filter((one) => one.startsWith('{')), [ '{"command":"status"}\n' ]);
	const made = on(), call = cpu(() => made.look.call({ args: { status: true, history: false } })), read = cpu(() => JSON.parse(text));
	assert.ok(call < 4 * read, `${call} us of CPU for the call, ${read} us for reading what it hands on`);
});

const parts_of = (history) => history.connections.map((one, at, all) => said('history', JSON.stringify({ ...history, connections: [ one ] }))
	.replace('"exit":0,', at < all.length - 1 ? '"exit":0,"more":true,' : '"exit":0,'));

test('a history in parts becomes one', () => {
	const parts = parts_of(JSON.parse(recorded('history'))), text = parts.join('');
	assert.ok(parts.length > 1);
	for (const pieces of [ parts, [ text ], [ text.slice(0, parts[0].length + 99), text.slice(parts[0].length + 99) ], [ ...parts[0], ...parts.slice(1) ] ]) {
		const sockets = daemon({ history: pieces });
		const answer = plugin(path, (line) => assert.fail(line), {}, sockets).look.call({ args: { status: false, history: true } });
		assert.deepEqual(JSON.parse(answer.history), JSON.parse(recorded('history')));
	}
});

test('parts that do not fit, or of which one is missing, have the tool asked', () => {
	const parts = parts_of(JSON.parse(recorded('history')));
	for (const pieces of [ parts.slice(0, -1), [ parts[0].replace('"now":', '"then":'), ...parts.slice(1) ],
		[ parts[0].replace('"connections"', '"others"'), ...parts.slice(1) ], [ parts[0].replace(']}}', ']} }'), ...parts.slice(1) ] ]) {
		const answer = plugin(path, () => ({ exit: 0, said: recorded('history') }), {}, daemon({ history: pieces }))
			.look.call({ args: { status: false, history: true } });
		assert.equal(answer.history, recorded('history'));
	}
});

test('for whatever is no whole answer the tool is asked', () => {
	const whole = said('status', short('status'));
	for (const [ what, pieces ] of Object.entries({
		'no daemon': null, 'closed at once': [ '' ], 'silent': [], 'cut off': [ whole.slice(0, -1) ], 'no object': [ whole.slice(0, -2) + ' \n' ], 'closed in the middle': [ whole.slice(0, 700), '' ],
		'another protocol': [ whole.replace('"protocol":1', '"protocol":2') ], 'a failure': [ '{"protocol":1,"ok":false,"exit":2,"message":"no"}\n' ],
		'in parts': [ whole.replace('"exit":0', '"exit":0,"more":true'), whole ], 'something else': [ said('history', short('history')) ] })) {
		const lines = [];
		const answer = plugin(path, (line) => (lines.push(line), { exit: 0, said: recorded('status') }), {}, daemon(pieces && { status: pieces }))
			.look.call({ args: { status: true, history: false } });
		assert.equal(answer.status, recorded('status'), what);
		assert.equal(lines.length, 1, what);
	}
});

test('what is too long for a message of ubus is cut to what the page shows, and the history waits', () => {
	const long = JSON.parse(recorded('status'));
	while (JSON.stringify(long, null, 2).length < 1100000)
		long.peers.push(...long.peers.slice(0, 100));
	const answer = asked([ /'status'/, 0, JSON.stringify(long, null, 2) ], [ /'history'/, 0, 'h'.repeat(900000) ]).call('look');
	assert.equal(answer.history_left_out, true);
	assert.ok(answer.status.length + answer.history.length < 1000000);
	const cut = JSON.parse(answer.status);
	assert.equal(cut.peers.length, long.peers.length);
	assert.deepEqual(cut.peers[0].tunnels[0].lamps, long.peers[0].tunnels[0].lamps);
	assert.equal(cut.remarks, undefined);
	const fits = ' '.repeat(900000) + recorded('status');
	assert.equal(asked([ /'status'/, 0, fits ]).call('look', { status: true, history: false }).status, fits);
});

test('up and down take names that are configured, and no others', () => {
	const known = JSON.parse(recorded('status')).peers[0];
	for (const verb of [ 'up', 'down' ])
		for (const name of [ known.name, known.tunnels[0].name, known.tunnels[0].display_name ]) {
			const on = asked(status, [ new RegExp("'" + verb + "'"), 0, 'done\n' ]);
			assert.deepEqual(on.call(verb, { name }), { exit: 0, message: 'done' });
			assert.ok(on.lines[1].includes(`'${verb}' '--no-wait' '--' '${name}'`));
		}
	for (const name of [ '', 'nobody', '--json', "x'; reboot; '", known.name + ' ', 'a'.repeat(300), null, undefined, 7, [ known.name ] ]) {
		const on = asked(status, [ /'(up|down)'/, 0, '' ]);
		assert.equal(on.call('up', { name }).exit, 2, String(name));
		assert.ok(on.lines.every((line) => !/'up'/.test(line)), String(name));
	}
});

test('a configured name with quotes reaches the tool as it is', () => {
	const evil = "a'b\"c $(id) `id` ;<&>";
	const odd = JSON.parse(recorded('status'));
	odd.peers[0].name = evil;
	const text = JSON.stringify(odd);
	let words = '';
	const on = plugin(path, (line) => /'status'/.test(line) ? { exit: 0, said: text }
		: (words = shell(line.replace(/^exec '[^']*'/, 'exec printf "%s\\n"')).said, { exit: 0, said: '' }));
	on.up.call({ args: { name: evil } });
	assert.equal(words, [ 'up', '--no-wait', '--', evil, '' ].join('\n'));
});

test('a form is refused before anything runs', () => {
	const bad = {
		our_name: [ '', 'a b', "a'b", 'a,lan=1.2.3.0/24', '-a', '$(id)', 'a\nb', 'a'.repeat(300), null, 5 ],
		our_network: [ '', '1.2.3.4', '1.2.3.0/24,kind=fritzbox', "1.2.3.0/24'", 'x/24', null ],
		their_name: [ '', 'ü', 'a=b', '@a' ], their_network: [ '', '1.2.3.0/24;id' ],
		kind: [ '', 'FRITZBOX', 'fritzbox,name=x', null ], box: [ '--force', "7590'", 'a\nb', 'x'.repeat(40), null ],
	};
	for (const [ field, values ] of Object.entries(bad))
		for (const value of values) {
			const on = asked();
			const answer = on.call('pair', { ...good, [field]: value });
			assert.equal(answer.wrong, field, String(value));
			assert.equal(answer.exit, 2);
			assert.deepEqual(on.lines, []);
		}
});

test('no key and no other secret is ever an argument', () => {
	const on = asked([ /'mktemp'/, 0, '/tmp/causeway-pair.Ab1\n' ], [ /'pair'/, 0, '' ], [ /'rm'/, 0, '' ]);
	on.call('pair', good);
	assert.equal(on.lines.length, 3);
	assert.ok(on.lines[1].includes("'--ours' 'name=office.example.org,lan=192.168.1.0/24' '--theirs' "
		+ "'name=box.example.net,lan=192.168.178.0/24,kind=fritzbox' '-o' '/tmp/causeway-pair.Ab1/made' '--box' '7590@8.02'"));
	assert.ok(on.lines[2].includes("'rm' '-rf' '--' '/tmp/causeway-pair.Ab1'"));
});

test('only a folder that mktemp could have made is written to and removed', () => {
	for (const said of [ '', '/', '/tmp/causeway-pair.', '/etc', '/tmp/causeway-pair.a/../..' ]) {
		const on = asked([ /'mktemp'/, 0, said ], [ /./, 0, '' ]);
		assert.equal(on.call('pair', good).exit, 2);
		assert.equal(on.lines.length, 1, said);
	}
});

test('the methods are those that the permissions name', () => {
	const acl = JSON.parse(readFileSync(path.replace('ucode/luci.causeway', 'acl.d/luci-app-causeway.json'), 'utf8'))['luci-app-causeway'];
	assert.deepEqual(acl.read.ubus['luci.causeway'], [ 'look' ]);
	assert.deepEqual(Object.keys(asked().methods).sort(), [ 'look', ...acl.write.ubus['luci.causeway'] ].sort());
});

test('with the real tool: a pair of files, and nothing left behind', { skip: programs ? false : 'no programs were named' }, () => {
	const before = readdirSync('/tmp').filter((name) => name.startsWith('causeway-pair.'));
	const real = plugin(path, shell, { '/usr/sbin/causeway': programs + '/causeway' });
	const names = (kind) => real.pair.call({ args: { ...good, kind } }).files.map((file) => file.name);
	assert.deepEqual(names('fritzbox'), [ 'theirs/vpn.cfg', 'theirs/swanctl.conf', 'ours/ipsec', 'README.txt' ]);
	assert.deepEqual(names('openwrt'), [ 'theirs/ipsec', 'theirs/swanctl.conf', 'ours/ipsec', 'README.txt' ]);
	assert.deepEqual(readdirSync('/tmp').filter((name) => name.startsWith('causeway-pair.')), before);
	const refused = real.pair.call({ args: { ...good, our_network: '192.168.1.5/24' } });
	assert.equal(refused.exit, 2);
	assert.match(refused.message, /192\.168\.1\.0\/24/);
	const stopped = real.look.call({ args: {} });
	assert.ok(stopped.exit == 3 ? stopped.message.includes('not running') : stopped.status.includes('peers'));
});
