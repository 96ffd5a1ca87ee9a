// What the page says of values, without a browser. node model_test.mjs MODEL
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const here = new URL('.', import.meta.url).pathname;
const recorded = (name) => readFileSync(here + 'answers/' + name + '.json', 'utf8');
globalThis._ = (text) => text;
String.prototype.format = function(...values) {
	return this.replace(/%([sd%])/g, (all, kind) => kind == '%' ? '%' : String(values.shift()));
};
const model = new Function('baseclass', readFileSync(process.argv[2], 'utf8'))({ extend: (made) => made });
const answer = (other) => ({ exit: 0, message: '', status: recorded('status'), history: recorded('history'),
	history_message: '', history_left_out: false, checked: '', ...other });
const file_tunnel = { name: 'ipsec-lan', gateway: 'box.example.org', local: '192.168.1.0/24', remote: '192.168.2.0/24' };
const checked = (code, message) => JSON.stringify({ usable: !code,
	findings: code ? [ { code, severity: 'error', message: message || 'said in other words tomorrow', remedy: '' } ] : [],
	tunnels: code == 'nothing-configured' ? [] : [ file_tunnel ] });

test('each state that is no table has a sentence and what to do about it', () => {
	const states = {
		rpc: [ null, new Error('Access denied') ],
		'no-tool': [ answer({ exit: 127 }) ],
		stopped: [ answer({ exit: 3, checked: checked('') }) ],
		empty: [ answer({ exit: 3, checked: checked('nothing-configured') }) ],
		refused: [ answer({ exit: 3, checked: checked('psk-missing', "there is no 'config remote' with a key") }) ],
		silent: [ answer({ exit: 4, message: 'causewayd has not answered in time' }) ],
		garbled: [ answer({ status: '{"peers": 7}' }) ],
		large: [ answer({ status: '' }) ],
	};
	for (const [ state, [ told, error ] ] of Object.entries(states)) {
		const said = model.understood(told, error);
		assert.equal(said.state, state);
		assert.match(said.message, /\.$|: .+/);
		assert.ok(said.remedy.length > 10, state);
		assert.equal(said.status, null);
	}
	assert.equal(model.understood(answer({ exit: 3, checked: checked('psk-missing', 'a key is missing') })).findings[0].message, 'a key is missing');
	for (const code of [ '', 'psk-missing' ])
		assert.deepEqual(model.understood(answer({ exit: 3, checked: checked(code) })).tunnels, [ file_tunnel ]);
	assert.deepEqual(model.understood(answer({ exit: 3, checked: '{"usable":true}' })).tunnels, []);
	for (const broken of [ '', '{', '[]', 'null', '{"peers":' ])
		assert.notEqual(model.understood(answer({ status: broken })).state, 'running');
	assert.equal(model.understood(answer({ status: '{"peers": []}' })).state, 'empty');
	assert.equal(model.understood(answer({})).state, 'running');
});

test('an answer without a history has none', () => {
	for (const text of [ '', '{', '{}', 'null' ])
		assert.equal(model.history({ history: text }), null);
	assert.ok(model.history(answer({})).connections.length > 0);
});

test('lamps have a word and a level, and unknown words are shown as they are', () => {
	assert.deepEqual(model.lamps({ tunnel: 'up', route: 'shadowed', firewall: 'unknown' }).map((one) => one.level), [ 'good', 'bad', 'unknown' ]);
	assert.deepEqual(model.lamps({ tunnel: '__proto__', route: 'new', firewall: null }).map((one) => one.word), [ '__proto__', 'new', 'not known' ]);
	assert.equal(model.lamps(undefined).length, 3);
});

test('durations have two units at most', () => {
	const cases = { 0: '0 s', 59: '59 s', 60: '1 min', 3599: '59 min', 3660: '1 h 1 min', 90000: '1 d 1 h', 86400: '1 d', '-5': '0 s' };
	for (const [ seconds, said ] of Object.entries(cases))
		assert.equal(model.duration(+seconds), said);
	assert.equal(model.duration(null), '');
});

test('a strip keeps what each column saw', () => {
	const states = (row, count) => model.strip(row, count).map((one) => one.state + (one.tick ? '!' : '')).join(' ');
	assert.equal(states('nnuuddupUn', 5), 'n u d p u!');
	assert.equal(states('', 5), '');
	assert.equal(states('uD', 96), 'u d!');
	assert.equal(states('xyz', 3), 'n n n');
	assert.equal(model.strip('u'.repeat(288)).length, 96);
	assert.equal(model.upShare('nnnn'), null);
	assert.equal(model.upShare('nnuUdp'), 63);
});

test('traffic is what the pairs of SAs moved, whichever came and went', () => {
	const sa = (number, bytes_in, bytes_out) => ({ number, bytes_in, bytes_out });
	const before = { sas: [ sa(1, 1000, 100) ] };
	assert.deepEqual(model.traffic({ sas: [ sa(1, 2000, 100) ] }, before, 8), { in: 1000, out: 0 });
	assert.deepEqual(model.traffic({ sas: [ sa(1, 1000, 100), sa(2, 80, 8) ] }, before, 8), { in: 80, out: 8 });
	assert.deepEqual(model.traffic({ sas: [] }, before, 8), { in: 0, out: 0 });
	assert.deepEqual(model.traffic({ sas: [ sa(1, 0, 0) ] }, before, 8), { in: 0, out: 0 });
	assert.equal(model.traffic({ sas: [] }, undefined, 8), null);
	assert.equal(model.traffic({ sas: [] }, before, 0), null);
});

test('what a tunnel moved outlives its SAs', () => {
	const sas = [ { number: 2, state: 'INSTALLED', suite: '', established_seconds_ago: 5, bytes_in: 1024, bytes_out: 10 } ];
	const condition = (more) => model.condition({ up: true, sas, ...more });
	assert.match(condition({ totals: { bytes_in: 3 * 1024 * 1024, bytes_out: 2048 } }), /3\.0 MiB in, 2\.0 KiB out/);
	assert.match(condition({}), /1\.0 KiB in, 10 B out/);
});

test('a path lifts its pen at gaps and never draws what is no number', () => {
	assert.equal(model.path([ 0, 10, null, 5, null ], 8, 10, 10), 'M0.0 10.0L2.0 0.0M6.0 5.0L6.0 5.0');
	assert.equal(model.path([], 8, 10, 10), '');
	for (const values of [ [ 0 ], [ 0, 0 ], [ null ], [ 3, undefined, 4 ] ])
		assert.doesNotMatch(model.path(values, 288, 44, 0), /NaN|Infinity|undefined/);
});

test('a finding that the peer and the tunnel share is told once', () => {
	const one = { code: 'c', severity: 'error', message: 'm', remedy: 'r' };
	const peer = { findings: [ one ] }, tunnel = { why_down_finding: one, why_down: 'm', findings: [ { ...one, message: 'n' } ] };
	assert.deepEqual(model.findings(peer, tunnel).map((found) => found.message), [ 'm', 'n' ]);
	assert.deepEqual(model.findings({ findings: [] }, { why_down_finding: null, why_down: 'w', findings: [] }).map((found) => found.message), [ 'w' ]);
});

test('sizes and rates are short', () => {
	assert.deepEqual([ 0, 1023, 1024, 1e12 ].map((value) => model.octets(value)), [ '0 B', '1023 B', '1.0 KiB', '931 GiB' ]);
	assert.deepEqual([ 0, 999, 1500, 2e9 ].map((value) => model.rate(value)), [ '0 bit/s', '999 bit/s', '1.5 kbit/s', '2.0 Gbit/s' ]);
	assert.deepEqual([ null, 900, 12345 ].map((value) => model.milliseconds(value)), [ '', '0.9 ms', '12 ms' ]);
});

test('every recorded tunnel has a condition', () => {
	const status = JSON.parse(recorded('status'));
	for (const peer of status.peers)
		for (const tunnel of peer.tunnels)
			assert.match(model.condition(tunnel), tunnel.up ? /in, .* out/ : /down/);
	assert.match(model.summary(status), /^\d+ of \d+ tunnels are up\.$/);
});

test('a form says what is wrong by field', () => {
	const good = { our_name: 'a.example.org', our_network: '192.168.1.0/24', their_name: 'b.example.org', their_network: '192.168.2.0/24', kind: 'fritzbox', box: '7590@8.02' };
	assert.deepEqual(model.wrong(good), {});
	assert.deepEqual(model.wrong({ ...good, box: '' }), {});
	const bad = { our_name: [ '', 'a b', '-a', 'a..b', 'a'.repeat(256), '<b>' ], our_network: [ '', '1.2.3.4', '1.2.3.256/24', '1.2.3.0/33' ],
		their_name: [ 'A.example.org', '' ], their_network: [ '192.168.1.0/24', 'x' ], box: [ '-x', '7590;' ] };
	for (const [ field, values ] of Object.entries(bad))
		for (const value of values)
			assert.deepEqual(Object.keys(model.wrong({ ...good, [field]: value })), [ field ], value);
});
