export type Key =
	| {readonly name: 'text'; readonly text: string}
	| {readonly name: 'enter' | 'backspace' | 'interrupt' | 'end-of-input' | 'escape' | 'up' | 'down' | 'clear-line'};

const CONTROLS: Readonly<Record<string, Exclude<Key['name'], 'text'>>> = {
	'\r': 'enter',
	'\n': 'enter',
	'\u007f': 'backspace',
	'\b': 'backspace',
	'\u0003': 'interrupt',
	'\u0004': 'end-of-input',
	'\u0015': 'clear-line',
};

const ESCAPE_SEQUENCE = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])/;
const ARROWS: Readonly<Record<string, 'up' | 'down'>> = {A: 'up', B: 'down'};

/**
 * Splits what was typed into keys, however the bytes arrived, and gives back what may be the beginning of a sequence. A lone escape is
 * a beginning too: the caller decides, when nothing follows, that it was the key.
 */
export const readKeys = (input: string): {readonly keys: readonly Key[]; readonly rest: string} => {
	const keys: Key[] = [];
	let rest = input;
	while (rest !== '') {
		if (rest.startsWith('\u001b')) {
			const sequence = ESCAPE_SEQUENCE.exec(rest)?.[0];
			if (sequence) {
				const arrow = ARROWS[sequence.at(-1) ?? ''];
				if (arrow) keys.push({name: arrow});
				rest = rest.slice(sequence.length);
				continue;
			}
			if (/^\u001b(?:\[[0-?]*[ -/]*|O)?$/.test(rest)) return {keys, rest};
			keys.push({name: 'escape'});
			rest = rest.slice(1);
			continue;
		}
		const control = CONTROLS[rest[0] ?? ''];
		if (control) keys.push({name: control});
		const text = /^[^\u0000-\u001f\u007f]+/.exec(rest)?.[0];
		if (text) keys.push({name: 'text', text});
		rest = rest.slice(text?.length ?? 1);
	}
	return {keys, rest};
};
