import {nearest} from '../../core/text/refusal.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';

/** A configured key by its tokenizer name, or why it is invalid. `doubt`: when it may not arrive. */
export type ReadKey = {readonly ok: true; readonly key: string; readonly doubt: string} | {readonly ok: false; readonly why: string};

const ALIASES: Readonly<Record<string, string>> = {
	return: 'enter',
	escape: 'esc',
	del: 'delete',
	ins: 'insert',
	pageup: 'pgup',
	pagedown: 'pgdn',
	pgdown: 'pgdn',
	spacebar: 'space',
	bs: 'backspace',
};
/** Keys with sequences of their own, also with shift and ctrl. */
const MOVING = ['up', 'down', 'left', 'right', 'home', 'end', 'pgup', 'pgdn', 'insert', 'delete'];
const NAMED = ['enter', 'esc', 'tab', 'space', 'backspace', ...MOVING];
const MODIFIERS: Readonly<Record<string, string>> = {
	ctrl: 'ctrl',
	control: 'ctrl',
	c: 'ctrl',
	alt: 'alt',
	meta: 'alt',
	option: 'alt',
	shift: 'shift',
	super: 'super',
	cmd: 'super',
	command: 'super',
	win: 'super',
};
/** Keys that terminals send the same bytes for. */
const SAME: Readonly<Record<string, string>> = {h: 'backspace', i: 'tab', j: 'a newline', m: 'enter', '[': 'esc'};

const no = (why: string): ReadKey => ({ok: false, why});
const yes = (key: string, doubt = ''): ReadKey => ({ok: true, key, doubt});
const isCharacter = (text: string): boolean => [...text].length === 1 && /^[^\p{C}\p{Z}\p{M}]$/u.test(text);

const withControl = (base: string, isShifted: boolean): ReadKey => {
	if (isShifted) return no('terminals send ctrl with a capital as ctrl with the small letter');
	if (SAME[base]) return no(`terminals send the same for it and for ${SAME[base]}`);
	const leader = parseLeader(`ctrl+${base}`);
	if (!leader) return no('terminals send ctrl with letters and with \\ ] ^ _ only');
	const doubt = base === 'a' || base === 'b' ? 'screen and tmux use it as their prefix' : '';
	return yes(leader.key, doubt);
};

/**
 * Reads a key: a character, or a name such as `enter`, `shift+tab`, `ctrl+d`; modifiers in any case, with + or -. Refuses keys that
 * terminals cannot send or tell apart.
 */
export const readKey = (written: string): ReadKey => {
	if (written === ' ') return yes('space');
	const text = written.trim();
	if (isCharacter(text)) return yes(text);
	const modifiers = new Set<string>();
	let rest = text;
	for (let match = /^([a-z]+)[+-](.+)$/isu.exec(rest); match; match = /^([a-z]+)[+-](.+)$/isu.exec(rest)) {
		const modifier = MODIFIERS[(match[1] ?? '').toLowerCase()];
		if (!modifier) return no(`\`${match[1]}\` is not a modifier; use ctrl, shift or alt`);
		modifiers.add(modifier);
		rest = match[2] ?? '';
	}
	const base = isCharacter(rest) ? rest : (ALIASES[rest.toLowerCase()] ?? rest.toLowerCase());
	const isFunction = /^f([1-9]|1[0-2])$/.test(base);
	if (!isCharacter(base) && !NAMED.includes(base) && !isFunction) {
		const near = nearest(base, NAMED);
		return no(near ? `unknown key; did you mean \`${near}\`?` : `unknown key: write a character or one of ${NAMED.join(', ')}`);
	}
	if (modifiers.has('super')) return no('the window system uses it');
	const isShifted = modifiers.has('shift');
	if (modifiers.has('alt')) {
		if (modifiers.has('ctrl')) return no('few terminals send ctrl and alt together');
		const key = isCharacter(base) ? (isShifted ? base.toUpperCase() : base) : `${isShifted ? 'shift+' : ''}${base}`;
		return yes(`alt+${key}`, 'not every terminal sends alt');
	}
	if (isFunction) return modifiers.size > 0 ? no('few terminals send it') : yes(base, 'terminals and laptops often reserve function keys');
	if (isCharacter(base) || base === 'space') {
		if (modifiers.has('ctrl')) return withControl(base === 'space' ? base : base.toLowerCase(), isShifted);
		if (!isShifted) return yes(base);
		const upper = base.toUpperCase();
		return upper !== base && isCharacter(upper) ? yes(upper) : no('write the character it types');
	}
	if (modifiers.size === 0) return yes(base);
	if (base === 'tab' && isShifted && modifiers.size === 1) return yes('shift+tab');
	if (!MOVING.includes(base)) return no(`most terminals send the same for it and for ${base}`);
	return yes(`${modifiers.has('ctrl') ? 'ctrl+' : ''}${isShifted ? 'shift+' : ''}${base}`);
};

export const isText = (key: string): boolean => isCharacter(key) || key === 'space' || key === 'backspace';
