'use strict';
'require baseclass';
'require rpc';
'require causeway.model as model';

// The form for a new connection: asks for both ends, and hands out the files that `causeway pair` makes. The key is in these
// files and never shown.

const pair = rpc.declare({ object: 'luci.causeway', method: 'pair', reject: true,
	params: [ 'our_name', 'our_network', 'their_name', 'their_network', 'kind', 'box' ] });

function handOut(name, text) {
	const link = E('a', { 'href': URL.createObjectURL(new Blob([ text ], { type: 'application/octet-stream' })), 'download': name });
	document.body.appendChild(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/// Whether others can read what the router sends here. What comes from this computer's own address came through a tunnel of SSH.
function readable() {
	return location.protocol == 'http:' && !window.isSecureContext;
}

function fields() {
	const input = (name, example) => E('input', { 'type': 'text', 'id': 'cw-' + name, 'name': name, 'class': 'cbi-input-text',
		'placeholder': example, 'autocomplete': 'off', 'autocapitalize': 'none', 'spellcheck': 'false',
		'aria-describedby': 'cw-' + name + '-wrong' });
	const kinds = E('select', { 'id': 'cw-kind', 'name': 'kind', 'class': 'cbi-input-select', 'aria-describedby': 'cw-kind-wrong' }, [
		E('option', { 'value': 'fritzbox' }, [ 'FRITZ!Box' ]), E('option', { 'value': 'openwrt' }, [ _('OpenWrt with causeway') ]),
		E('option', { 'value': 'strongswan' }, [ 'strongSwan' ]) ]);
	return [
		{ name: 'our_name', label: _('Name of this router'), node: input('our_name', 'office.example.org') },
		{ name: 'our_network', label: _('Network behind it'), node: input('our_network', '192.168.1.0/24') },
		{ name: 'kind', label: _('The other end is a'), node: kinds },
		{ name: 'box', label: _('Its model, if you like'), node: input('box', '7590@8.02') },
		{ name: 'their_name', label: _('Name of the other end'), node: input('their_name', 'box.example.net') },
		{ name: 'their_network', label: _('Network behind that'), node: input('their_network', '192.168.178.0/24') },
	];
}

return baseclass.extend({
	/// The form; say(message) tells of its outcome, proposed() is our network where it is known.
	form: function(say, proposed) {
		const all = fields();
		all.forEach((field) => field.wrong = E('div', { 'id': 'cw-' + field.name + '-wrong', 'class': 'cw-wrong', 'hidden': '' }));
		const rows = all.map((field) => [ E('label', { 'for': 'cw-' + field.name }, [ field.label ]), E('div', [ field.node, field.wrong ]) ]);
		const made = E('div', { 'hidden': '', 'tabindex': '-1' });
		const failed = E('p', { 'class': 'cw-wrong', 'role': 'alert', 'hidden': '' });
		const submit = E('button', { 'type': 'submit', 'class': 'btn cbi-button cbi-button-apply' }, [ _('Make the files') ]);
		const plain = readable() ? E('p', { 'class': 'cw-finding cw-warning' }, [
			_('This page came over plain HTTP: who listens between here and the router can read the key in these files; open it by HTTPS first.') ]) : '';
		const form = E('form', { 'novalidate': '', 'autocomplete': 'off' }, [
			E('div', { 'class': 'cw-form' }, rows.flat()), plain, failed, submit ]);
		const by = (name) => all.find((field) => field.name == name);
		const kind = by('kind').node, box = rows[3];
		kind.addEventListener('change', () => box.forEach((node) => node.hidden = kind.value != 'fritzbox'));
		form.addEventListener('submit', (event) => {
			event.preventDefault();
			if (submit.getAttribute('aria-busy') != 'true')
				this.submit(all, submit, failed, made, say);
		});
		const details = E('details', { 'class': 'cw-card' }, [ E('summary', [ E('strong', [ _('New connection') ]) ]), form, made ]);
		details.addEventListener('toggle', () => {
			if (details.open && by('our_network').node.value === '')
				by('our_network').node.value = proposed();
		});
		return details;
	},

	/// Marks what is wrong, and takes the focus to the first of it.
	mark: function(all, wrong) {
		all.forEach((field) => {
			const message = wrong[field.name] || '';
			field.wrong.textContent = message;
			field.wrong.hidden = message === '';
			field.node.setAttribute('aria-invalid', message ? 'true' : 'false');
		});
		const first = all.find((field) => wrong[field.name]);
		if (first)
			first.node.focus();
		return !first;
	},

	submit: function(all, submit, failed, made, say) {
		const values = {};
		all.forEach((field) => values[field.name] = field.node.value.trim());
		if (values.kind != 'fritzbox')
			values.box = '';
		made.hidden = failed.hidden = true;
		if (!this.mark(all, model.wrong(values)))
			return;
		submit.setAttribute('aria-busy', 'true');
		pair(values.our_name, values.our_network, values.their_name, values.their_network, values.kind, values.box).then((answer) => {
			if (answer.wrong)
				this.mark(all, { [answer.wrong]: _('The router does not take this.') });
			else if (answer.exit != 0 || !answer.files.length)
				throw new Error(answer.message || '?');
			else
				this.made(made, answer, say);
		}).catch((error) => {
			failed.textContent = _('No files were made: %s').format(error.message || error);
			failed.hidden = false;
		}).finally(() => submit.removeAttribute('aria-busy'));
	},

	made: function(made, answer, say) {
		const text = (name) => (answer.files.find((file) => file.name == name) || {}).text;
		const labels = { 'theirs/vpn.cfg': _('File for the box'), 'theirs/ipsec': _('File for the other router'),
			'theirs/swanctl.conf': _('For strongSwan at the other end'), 'ours/ipsec': _('File for this router') };
		const buttons = answer.files.filter((file) => labels[file.name]).map((file) => E('button', {
			'type': 'button', 'class': 'btn cbi-button', 'click': () => handOut(file.name.replace('/', '-'), file.text),
		}, [ labels[file.name] ]));
		made.replaceChildren(E('p', [ _('The files are made. They hold the key of the connection: take them now, they are not kept.') ]),
			E('div', { 'class': 'cw-buttons' }, buttons), E('pre', { 'tabindex': '0', 'aria-label': _('What to do') }, [ text('README.txt') || '' ]));
		made.hidden = false;
		made.focus();
		say(_('The files are made.'));
	},
});
