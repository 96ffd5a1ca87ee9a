'use strict';
'require view';
'require poll';
'require rpc';
'require causeway.model as model';
'require causeway.plot as plot';
'require causeway.newcomer as newcomer';

// The page: what there is to see once, then again and again only what has changed. No element that can have the focus is
// ever replaced while its connection is there. Text that came from outside is handed to E() in lists, which escapes it.

const look = rpc.declare({ object: 'luci.causeway', method: 'look', params: [ 'status', 'history' ], reject: true });
const up = rpc.declare({ object: 'luci.causeway', method: 'up', params: [ 'name' ], reject: true });
const down = rpc.declare({ object: 'luci.causeway', method: 'down', params: [ 'name' ], reject: true });
const start = rpc.declare({ object: 'luci.causeway', method: 'start', reject: true });

const poll_seconds = 5;
const history_polls = 12;  // a history has steps of five minutes
const filter_from = 8;     // connections

function say(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

function show(node, shown) {
	if (node.hidden === shown)
		node.hidden = !shown;
}

function findingList(findings) {
	return findings.map((one) => E('li', { 'class': 'cw-finding cw-' + (one.severity == 'error' || one.severity == 'warning' ? one.severity : 'note') }, [
		E('strong', [ model.severity(one.severity) + ': ' ]), one.message,
		one.remedy ? E('span', [ one.remedy ]) : '' ]));
}

/// A list of findings that is made anew only when they are others.
function findings() {
	const node = E('ul', { 'hidden': '' });
	let before = '';
	return { node: node, update: (list) => {
		const now = JSON.stringify(list.map((one) => [ one.severity, one.message, one.remedy ]));
		if (now === before)
			return;
		before = now;
		node.replaceChildren(...findingList(list));
		show(node, list.length > 0);
	} };
}

/// The findings of no connection, folded up where they would push the connections down the page.
function folded() {
	const list = findings(), title = E('summary');
	const node = E('details', { 'class': 'cw-card', 'hidden': '' }, [ title, list.node ]);
	let count = -1;
	return { node: node, update: (all) => {
		list.update(all);
		if (all.length === count)
			return;
		if (count < 0)
			node.open = all.length <= 3 || all.some((one) => one.severity == 'error');
		count = all.length;
		say(title, _('About this router and unknown callers: %d').format(count));
		show(node, count > 0);
	} };
}

/// The tunnels of the file, where no daemon runs that could say more of them.
function fromTheFile() {
	const list = E('ul'), node = E('div', { 'class': 'cw-card', 'hidden': '' }, [ E('h3', [ _('Configured') ]), list ]);
	let before = '';
	return { node: node, update: (tunnels) => {
		const now = JSON.stringify(tunnels);
		if (now === before)
			return;
		before = now;
		list.replaceChildren(...tunnels.map((one) => E('li', [
			E('strong', [ one.name ]), ' %s ⇄ %s, %s'.format(one.local, one.remote, one.gateway) ])));
		show(node, tunnels.length > 0);
	} };
}

/// A button that keeps the focus while it works; a second press meanwhile does nothing.
function button(label, description, kind, act) {
	const node = E('button', { 'type': 'button', 'class': 'btn cbi-button cbi-button-' + kind, 'aria-label': description }, [ label ]);
	let busy = false;
	node.addEventListener('click', () => {
		if (busy || node.getAttribute('aria-disabled') == 'true')
			return;
		busy = true;
		node.setAttribute('aria-busy', 'true');
		node.classList.add('spinning');
		Promise.resolve(act()).finally(() => {
			busy = false;
			node.removeAttribute('aria-busy');
			node.classList.remove('spinning');
		});
	});
	return node;
}

function able(node, possible) {
	const said = possible ? 'false' : 'true';
	if (node.getAttribute('aria-disabled') !== said)
		node.setAttribute('aria-disabled', said);
}

function lampList() {
	const lamps = [ 0, 1, 2 ].map(() => ({ lamp: E('span', { 'class': 'cw-lamp', 'aria-hidden': 'true' }), text: E('span') }));
	let before = '';
	return { node: E('ul', { 'class': 'cw-lamps' }, lamps.map((one) => E('li', [ one.lamp, one.text ]))), update: (said) => {
		const now = said.tunnel + ' ' + said.route + ' ' + said.firewall;
		if (now === before)
			return;
		before = now;
		model.lamps(said).forEach((one, at) => {
			lamps[at].lamp.className = 'cw-lamp cw-' + one.level;
			say(lamps[at].text, '%s: %s'.format(one.name, one.word));
		});
	} };
}

function tunnelPart(page, tunnel) {
	const lamps = lampList(), found = findings(), condition = E('div');
	const act = (call) => () => page.act(call, tunnel.display_name);
	const raise = button(_('Up'), _('Bring %s up').format(tunnel.display_name), 'apply', act(up));
	const lower = button(_('Down'), _('Take %s down').format(tunnel.display_name), 'reset', act(down));
	const lines = plot.lines([ 'in', 'out' ]), caption = E('span');
	const plots = E('div', { 'class': 'cw-plots', 'hidden': '' }, [ caption, lines.node ]);
	const networks = E('span');
	const series = { in: [], out: [] };
	const node = E('div', { 'class': 'cw-tunnel' }, [
		E('div', { 'class': 'cw-head' }, [
			E('span', [ E('strong', [ tunnel.display_name ]), ' ', networks ]),
			lamps.node,
			E('span', { 'class': 'cw-buttons' }, page.readonly ? [] : [ raise, lower ]) ]),
		condition, found.node, plots ]);
	const draw = (tunnel, before, seconds) => {
		const rates = model.traffic(tunnel, before, seconds);
		[ 'in', 'out' ].forEach((way) => {
			series[way].push(rates ? rates[way] : null);
			series[way].splice(0, Math.max(0, series[way].length - model.samples));
		});
		const moving = series.in.some((value) => value > 0) || series.out.some((value) => value > 0);
		show(plots, moving);
		if (!moving)
			return;
		const now = rates || { in: 0, out: 0 };
		const said = _('Traffic: %s in, %s out').format(model.rate(now.in), model.rate(now.out));
		const most = lines.update([ series.in, series.out ], said);
		say(caption, said + ', ' + _('at most %s').format(model.rate(most)));
	};
	return { node: node, update: (peer, tunnel, before, seconds) => {
		say(networks, '%s ⇄ %s'.format(tunnel.local, tunnel.remote));
		lamps.update(tunnel.lamps);
		say(condition, model.condition(tunnel));
		found.update(model.findings(peer, tunnel));
		able(raise, !tunnel.up);
		able(lower, tunnel.up || tunnel.wanted);
		draw(tunnel, before, seconds);
	} };
}

function historyPart() {
	const rows = [ [ 'address', _('Name and address') ], [ 'phase1', _('Phase 1') ], [ 'phase2', _('Phase 2') ],
		[ 'answers', _('Far end answers') ] ].map((row) => ({ key: row[0], label: row[1], strip: plot.strip() }));
	const round = plot.lines([ 'in' ]), caption = E('span'), from = E('span');
	const node = E('div', { 'class': 'cw-plots', 'hidden': '' }, rows.flatMap((row) => [ E('span', [ row.label ]), row.strip.node ])
		.concat([ caption, round.node, E('div', { 'class': 'cw-axis' }, [ from, E('span', [ _('now') ]) ]) ]));
	let before = '';
	return { node: node, update: (one, hours, latest) => {
		const now = one ? one.address + one.phase1 + one.phase2 + one.answers + one.round_trip_us + latest : '';
		show(node, one !== null && one !== undefined);
		if (!one || now === before)
			return;
		before = now;
		rows.forEach((row) => {
			const share = model.upShare(one[row.key]);
			row.strip.update(one[row.key], share === null ? _('%s: nobody watched').format(row.label)
				: _('%s: up %d %% of the watched time').format(row.label, share));
		});
		const most = round.update([ one.round_trip_us ], _('Round trip, the last %d hours').format(hours));
		say(caption, latest ? _('Round trip: %s, at most %s').format(model.milliseconds(latest), model.milliseconds(Math.max(most, latest)))
			: _('Round trip'));
		say(from, _('%d hours ago').format(hours));
	} };
}

let cards_made = 0;

function card(page, peer) {
	const id = 'cw-card-' + (++cards_made);
	const place = E('small');
	const past = historyPart();
	const tunnels = new Map();
	const list = E('div');
	const node = E('section', { 'class': 'cw-card', 'aria-labelledby': id }, [
		E('h3', { 'id': id }, [ peer.name, ' ', place ]), list, past.node ]);
	const part = (tunnel) => {
		if (!tunnels.has(tunnel.display_name)) {
			const made = tunnelPart(page, tunnel);
			tunnels.set(tunnel.display_name, made);
			list.appendChild(made.node);
		}
		return tunnels.get(tunnel.display_name);
	};
	return { node: node, update: (peer, before, seconds) => {
		const sa = peer.ike_sas[0];
		const address = sa && sa.remote_address && sa.remote_address != peer.gateway ? ' (' + sa.remote_address + ')' : '';
		say(place, peer.gateway + address);
		const old = new Map(before ? before.tunnels.map((tunnel) => [ tunnel.display_name, tunnel ]) : []);
		peer.tunnels.forEach((tunnel) => part(tunnel).update(peer, tunnel, old.get(tunnel.display_name), seconds));
		const names = new Set(peer.tunnels.map((tunnel) => tunnel.display_name));
		for (const [ name, made ] of tunnels)
			if (!names.has(name)) {
				made.node.remove();
				tunnels.delete(name);
			}
	}, past: past.update };
}

return view.extend({
	handleSaveApply: null,
	handleSave: null,
	handleReset: null,

	load: function() {
		return look(true, true).then((answer) => ({ answer: answer }), (error) => ({ error: error }));
	},

	render: function(first) {
		this.readonly = !L.hasViewPermission();
		this.cards = new Map();
		this.polls = 0;
		this.before = null;
		this.parts = {
			summary: E('p', { 'role': 'status', 'aria-live': 'polite' }),
			trouble: E('div', { 'class': 'alert-message warning', 'role': 'alert', 'hidden': '' }, [ E('p'), E('p') ]),
			general: folded(), file: fromTheFile(), said: E('p', { 'role': 'status', 'aria-live': 'polite', 'hidden': '' }),
			list: E('div'), late: E('p', { 'hidden': '' }),
			start: button(_('Start'), _('Start causeway'), 'apply', () => this.act(start)),
			filter: E('input', { 'type': 'search', 'id': 'cw-filter', 'class': 'cbi-input-text', 'input': () => this.filter() }),
		};
		const parts = this.parts;
		parts.filterRow = E('p', { 'hidden': '' }, [ E('label', { 'for': 'cw-filter' }, [ _('Only names or addresses with') ]), ' ', parts.filter ]);
		const page = E('div', { 'class': 'cw-page' }, [
			E('link', { 'rel': 'stylesheet', 'href': L.resource('causeway/page.css') }),
			E('h2', [ _('IPsec tunnels') ]), parts.summary, parts.trouble,
			this.readonly ? '' : parts.start, parts.said, parts.general.node, parts.file.node, parts.late, parts.filterRow, parts.list,
			this.readonly ? '' : newcomer.form((message) => this.say(message), () => this.proposed()) ]);
		this.update(first);
		poll.add(() => this.again(), poll_seconds);
		return page;
	},

	proposed: function() {
		const first = this.before && this.before.status.peers.find((peer) => peer.tunnels.length);
		return first ? first.tunnels[0].local : '';
	},

	say: function(message) {
		say(this.parts.said, message);
		show(this.parts.said, message !== '');
	},

	act: function(call, name) {
		return call(name).then((answer) => this.say(answer.message || ''),
			(error) => this.say(model.understood(null, error).message)).then(() => this.again());
	},

	/// A status that leaves no room for the history in a message of ubus has it asked for by itself.
	again: function() {
		const due = ++this.polls % history_polls == 0;
		const asked = look(true, due && !this.alone).then((answer) => ({ answer: answer }), (error) => ({ error: error }));
		return asked.then((told) => this.update(told)).then(() =>
			due && this.alone ? look(false, true).then((answer) => this.past(answer), () => {}) : null);
	},

	update: function(told) {
		const said = model.understood(told.answer, told.error);
		const parts = this.parts, running = said.status !== null;
		show(parts.trouble, said.message !== '');
		if (said.message !== '') {
			say(parts.trouble.firstChild, said.message);
			say(parts.trouble.lastChild, said.remedy);
		}
		show(parts.start, said.state == 'stopped' || said.state == 'refused');
		show(parts.list, running);
		parts.file.update(said.tunnels || []);
		if (!running) {
			say(parts.summary, '');
			parts.general.update(said.findings || []);
			this.before = null;
			return;
		}
		say(parts.summary, said.status.peers.length ? model.summary(said.status) : '');
		parts.general.update(said.status.findings.concat(said.status.obstacles.map((message) =>
			({ severity: 'warning', message: message, remedy: '' })), said.status.strangers));
		this.connections(said.status);
		if (told.answer.history || told.answer.history_message || told.answer.history_left_out)
			this.past(told.answer);
	},

	connections: function(status) {
		const parts = this.parts;
		const seconds = this.before ? status.uptime_seconds - this.before.status.uptime_seconds : 0;
		const old = this.before ? this.before.peers : new Map();
		const peers = new Map();
		status.peers.forEach((peer) => {
			const key = peer.name;
			peers.set(key, peer);
			if (!this.cards.has(key)) {
				const made = card(this, peer);
				this.cards.set(key, made);
				parts.list.appendChild(made.node);
			}
			this.cards.get(key).update(peer, old.get(key), seconds);
		});
		for (const [ key, made ] of this.cards)
			if (!peers.has(key)) {
				made.node.remove();
				this.cards.delete(key);
			}
		this.before = { status: status, peers: peers };
		show(parts.filterRow, status.peers.length >= filter_from);
		this.filter();
	},

	/// Hides the cards without the word that was asked for.
	filter: function() {
		const word = this.parts.filter.value.trim().toLowerCase();
		if (word === this.filtered && word === '')
			return;
		this.filtered = word;
		for (const made of this.cards.values())
			show(made.node, word === '' || made.node.textContent.toLowerCase().includes(word));
	},

	past: function(answer) {
		const history = model.history(answer), late = this.parts.late;
		if (answer.history_left_out && !this.alone) {
			this.alone = true;
			this.polls = history_polls - 1;
		}
		show(late, !history && answer.history_message !== '');
		if (!history) {
			say(late, answer.history_message ? _('No history: %s').format(answer.history_message) : '');
			return;
		}
		const hours = Math.round((history.now - history.first) / 3600);
		history.connections.forEach((one) => {
			const made = this.cards.get(one.name), peer = this.before && this.before.peers.get(one.name);
			if (made)
				made.past(one, hours, peer ? peer.round_trip_us : null);
		});
	},
});
