'use strict';
'require baseclass';

// What the page says, of what `causeway ... --json` printed: values in, values out. It touches no document and asks nobody.

const columns = 96;   // of a strip; a day of five minutes makes three steps a column
const samples = 120;  // of traffic, one a poll

const steps = [ [ 86400, '%d d' ], [ 3600, '%d h' ], [ 60, '%d min' ], [ 1, '%d s' ] ];

function parsed(text) {
	try {
		const value = JSON.parse(text);
		return value !== null && typeof(value) == 'object' ? value : null;
	}
	catch (e) {
		return null;
	}
}

/// A state that is no table of connections: its sentence, and what to do about it.
function trouble(state, message, remedy) {
	return { state: state, message: message, remedy: remedy, status: null };
}

/// Where no daemon runs: what the file says, so that the page shows what would run.

function notRunning(answer) {
	const checked = parsed(answer.checked);
	const findings = checked && Array.isArray(checked.findings) ? checked.findings : [];
	const tunnels = checked && Array.isArray(checked.tunnels) ? checked.tunnels : [];
	if (checked && checked.usable)
		return Object.assign(trouble('stopped', _('causeway is not running.'), _('Start it with the button below.')), { tunnels: tunnels });
	if (findings.length == 0 || findings.some((one) => one.code == 'nothing-configured'))
		return trouble('empty', _('No connection is configured yet, and causeway is not running.'),
			_('Make one with the form below.'));
	return Object.assign(trouble('refused', _('causeway is not running: its configuration cannot be used.'),
		_('Fix what is listed below in /etc/config/ipsec, then start it.')), { findings: findings, tunnels: tunnels });
}

return baseclass.extend({
	columns: columns,
	samples: samples,

	/// What an answer of the plugin's `look` shows; of a call that failed, its error.
	understood: function(answer, error) {
		if (error)
			return trouble('rpc', _('The router does not answer for causeway: %s').format(error.message || error),
				_('Log in again, or restart rpcd: /etc/init.d/rpcd restart'));
		if (answer.exit == 127 || answer.exit == 126)
			return trouble('no-tool', _('The program causeway is not installed.'), _('Install the package causeway.'));
		if (answer.exit == 3)
			return notRunning(answer);
		if (answer.exit != 0)
			return trouble('silent', _('causeway does not answer: %s').format(answer.message || '?'),
				_('Look at the log (logread -e causeway), then restart it: /etc/init.d/causeway restart'));
		if (answer.status === '')
			return trouble('large', _('The state is too long for this page.'), _('Use causeway status in a shell.'));
		const status = parsed(answer.status);
		if (!status || !Array.isArray(status.peers))
			return trouble('garbled', _('causeway\'s answer is not understood.'),
				_('Bring causeway and this page to one version, then restart it: /etc/init.d/causeway restart'));
		const said = status.peers.length ? trouble('running', '', '')
			: trouble('empty', _('No connection is configured yet.'), _('Make one with the form below.'));
		said.status = status;
		return said;
	},

	history: function(answer) {
		const history = answer && answer.history ? parsed(answer.history) : null;
		return history && Array.isArray(history.connections) ? history : null;
	},

	summary: function(status) {
		const tunnels = status.peers.flatMap((peer) => peer.tunnels);
		const up = tunnels.filter((tunnel) => tunnel.up).length;
		if (tunnels.length == 1)
			return up ? _('The tunnel is up.') : _('The tunnel is down.');
		return _('%d of %d tunnels are up.').format(up, tunnels.length);
	},

	/// The three lamps of a tunnel: a name, a word, and one of good, busy, bad, unknown.
	lamps: function(lamps) {
		const words = {
			up: [ 'good', _('up') ], negotiating: [ 'busy', _('negotiating') ], down: [ 'bad', _('down') ],
			placed: [ 'good', _('placed') ], shadowed: [ 'bad', _('taken by another') ], absent: [ 'bad', _('absent') ],
			open: [ 'good', _('open') ], blocked: [ 'bad', _('blocked') ], unknown: [ 'unknown', _('not known') ],
		};
		const of = (name, word) => {
			const known = Object.hasOwn(words, word) ? words[word] : [ 'unknown', String(word ?? _('not known')) ];
			return { name: name, level: known[0], word: known[1] };
		};
		const said = lamps || {};
		return [ of(_('Tunnel'), said.tunnel), of(_('Route'), said.route), of(_('Firewall'), said.firewall) ];
	},

	duration: function(seconds) {
		if (seconds === null || seconds === undefined)
			return '';
		const left = Math.max(0, Math.floor(seconds));
		const at = Math.max(0, steps.findIndex((step) => left >= step[0]));
		const first = left > 0 ? at : steps.length - 1;
		const unit = [ _('%d d'), _('%d h'), _('%d min'), _('%d s') ];
		let said = unit[first].format(Math.floor(left / steps[first][0]));
		const rest = left % steps[first][0];
		if (first < 2 && rest >= steps[first + 1][0])
			said += ' ' + unit[first + 1].format(Math.floor(rest / steps[first + 1][0]));
		return said;
	},

	/// The carrying pair of SAs: the youngest that is installed.
	carrying: function(tunnel) {
		return tunnel.sas.filter((sa) => sa.state == 'INSTALLED').pop() || null;
	},

	/// How a tunnel is, in one line.
	condition: function(tunnel) {
		const sa = this.carrying(tunnel);
		const parts = [];
		if (tunnel.up) {
			parts.push(sa && sa.established_seconds_ago !== null
				? _('keys %s old').format(this.duration(sa.established_seconds_ago)) : _('up'));
			const moved = this.moved(tunnel);
			parts.push(_('%s in, %s out').format(this.octets(moved.in), this.octets(moved.out)));
			if (sa && sa.suite)
				parts.push(sa.suite);
		}
		else {
			parts.push(tunnel.down_seconds === null ? _('down') : _('down for %s').format(this.duration(tunnel.down_seconds)));
			if (!tunnel.wanted)
				parts.push(_('not wanted now'));
			if (tunnel.next)
				parts.push(tunnel.next);
		}
		return parts.join(' · ');
	},

	/// Octets since the tunnel came into the configuration; of a causewayd that is too old to tell them, those of the present SAs.
	moved: function(tunnel) {
		if (tunnel.totals)
			return { in: tunnel.totals.bytes_in, out: tunnel.totals.bytes_out };
		return tunnel.sas.reduce((sum, sa) => ({ in: sum.in + sa.bytes_in, out: sum.out + sa.bytes_out }), { in: 0, out: 0 });
	},

	/// What stands against a tunnel and its peer, as { severity, message, remedy }, each once.
	findings: function(peer, tunnel) {
		const why = tunnel.why_down_finding ? [ tunnel.why_down_finding ]
			: tunnel.why_down ? [ { severity: 'error', message: tunnel.why_down, remedy: '' } ] : [];
		const seen = new Set();
		return why.concat(tunnel.findings, peer.findings).filter((one) => {
			const key = one.code + '\n' + one.message;
			return !seen.has(key) && seen.add(key);
		});
	},

	severity: function(word) {
		return { error: _('Error'), warning: _('Warning'), note: _('Note') }[word] || String(word);
	},

	/// Letters of a history's row as columns { state, tick }: u up, d down, p partly or both, n nobody watched.
	strip: function(row, count) {
		const wide = Math.max(1, Math.ceil(row.length / (count || columns)));
		const made = [];
		for (let at = 0; at < row.length; at += wide) {
			const part = row.slice(at, at + wide);
			const watched = new Set(part.toLowerCase().replace(/[^udp]/g, ''));
			made.push({ state: watched.size == 0 ? 'n' : watched.size == 1 ? watched.values().next().value : 'p',
				tick: /[UDPN]/.test(part) });
		}
		return made;
	},

	/// The share of the watched time that a row was up, in percent; null where nobody watched.
	upShare: function(row) {
		let up = 0, watched = 0;
		for (const letter of row.toLowerCase())
			if (letter != 'n') {
				watched++;
				up += letter == 'u' ? 1 : letter == 'p' ? 0.5 : 0;
			}
		return watched ? Math.round(100 * up / watched) : null;
	},

	/// Bits a second of each SA pair since the status before; pairs that are new count from nothing.
	traffic: function(tunnel, before, seconds) {
		if (!before || !(seconds > 0))
			return null;
		const old = new Map(before.sas.map((sa) => [ sa.number, sa ]));
		return tunnel.sas.reduce((sum, sa) => {
			const was = old.get(sa.number) || { bytes_in: 0, bytes_out: 0 };
			return { in: sum.in + 8 * Math.max(0, sa.bytes_in - was.bytes_in) / seconds,
				out: sum.out + 8 * Math.max(0, sa.bytes_out - was.bytes_out) / seconds };
		}, { in: 0, out: 0 });
	},

	scaled: function(value, base, units) {
		let at = 0, rest = value;
		while (rest >= base && at < units.length - 1) {
			rest /= base;
			at++;
		}
		return '%s %s'.format(rest >= 10 || at == 0 ? Math.round(rest) : rest.toFixed(1), units[at]);
	},

	octets: function(value) { return this.scaled(value, 1024, [ 'B', 'KiB', 'MiB', 'GiB', 'TiB' ]) },
	rate: function(value) { return this.scaled(value, 1000, [ 'bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s' ]) },

	milliseconds: function(us) {
		return us === null || us === undefined ? '' : _('%s ms').format(us >= 10000 ? Math.round(us / 1000) : (us / 1000).toFixed(1));
	},

	/// The d of an SVG path through values (null is a gap) in a box of that size; `most` is at its top.
	path: function(values, width, height, most) {
		let d = '', pen = false;
		const dx = values.length > 1 ? width / (values.length - 1) : 0;
		values.forEach((value, i) => {
			const drawn = value !== null && value !== undefined;
			if (drawn) {
				const x = (i * dx).toFixed(1), y = (height - (most > 0 ? value / most : 0) * height).toFixed(1);
				// A value between gaps is a dot: a line of no length, with round ends.
				d += (pen ? 'L' : 'M') + x + ' ' + y;
				if (!pen && (i + 1 == values.length || values[i + 1] === null || values[i + 1] === undefined))
					d += 'L' + x + ' ' + y;
			}
			pen = drawn;
		});
		return d;
	},

	/// What is wrong with the form's values: a sentence by the field's name.
	wrong: function(values) {
		const said = {};
		const name = /^(?=.{1,255}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
		const network = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
		for (const field of [ 'our_name', 'their_name' ])
			if (!name.test(values[field]))
				said[field] = _('Write a DNS name, such as office.example.org.');
		for (const field of [ 'our_network', 'their_network' ]) {
			const parts = network.exec(values[field]);
			if (!parts || parts.slice(1, 5).some((part) => +part > 255) || +parts[5] > 32)
				said[field] = _('Write a network, such as 192.168.1.0/24.');
		}
		if (!said.our_network && values.our_network == values.their_network)
			said.their_network = _('Both ends have this network: one of them has to change.');
		if (!said.our_name && values.our_name.toLowerCase() == values.their_name.toLowerCase())
			said.their_name = _('Both ends have this name: each needs its own.');
		if (values.kind == 'fritzbox' && !/^([0-9A-Za-z][0-9A-Za-z ._@-]{0,31})?$/.test(values.box))
			said.box = _('Write a model, such as 7590, or 7590@8.02 with its FRITZ!OS.');
		return said;
	},
});
