import {constants} from 'node:os';

/** Why a terminal end leaves. */
export type Ending =
	| {readonly why: 'detached'}
	| {readonly why: 'stopped'; readonly text: string}
	| {readonly why: 'died'}
	| {readonly why: 'signal'; readonly signal: NodeJS.Signals}
	| {readonly why: 'tty-gone'}
	| {readonly why: 'broken'; readonly text: string};

/** Words of others on a person's terminal: printable, one line, bounded. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300);

/** The sentence that the person finds in the shell afterwards; '' where nobody can read it. */
export const sentenceOf = (ending: Ending): string => {
	switch (ending.why) {
		case 'detached':
		case 'signal':
			return 'Detached. The team works on; `agent-room` comes back.';
		case 'stopped':
			return `The room ended: ${plain(ending.text) || 'it was stopped'}.`;
		case 'died':
			return 'The room ended: its process died. Nothing is lost; `agent-room` starts it again where it was.';
		case 'tty-gone':
			return '';
		case 'broken':
			return `This terminal lost the room: ${plain(ending.text)}. The team works on; \`agent-room\` comes back.`;
	}
};

/** 0 after a detach or a stop, 1 where something broke, 128 + n after signal n; a tty that went away counts as SIGHUP. */
export const exitCodeOf = (ending: Ending): number => {
	if (ending.why === 'signal') return 128 + constants.signals[ending.signal];
	if (ending.why === 'tty-gone') return 128 + constants.signals.SIGHUP;
	return ending.why === 'detached' || ending.why === 'stopped' ? 0 : 1;
};
