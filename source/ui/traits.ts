import type {Colors} from '../terminal/sgr.ts';

/** What the person's terminal can do and wants, from its environment. */
export type Traits = {
	readonly colors: Colors;
	readonly isAscii: boolean;
	/** Over SSH the screen is painted less often and a lone ESC waits longer for what may follow it. */
	readonly paneMs: number;
	readonly escapeMs: number;
};

/** Reads `NO_COLOR`, `TERM`, `COLORTERM`, `AGENT_ROOM_ASCII` and `SSH_CONNECTION` of the attached terminal, not of the room. */
export const traitsOf = (environment: Readonly<Record<string, string>>): Traits => {
	const {TERM = '', COLORTERM = '', NO_COLOR = '', AGENT_ROOM_ASCII = '', SSH_CONNECTION = ''} = environment;
	const depth = /truecolor|24bit/.test(COLORTERM) ? 'truecolor' : TERM.includes('256') ? '256' : '16';
	const isRemote = SSH_CONNECTION !== '';
	return {
		colors: NO_COLOR !== '' || TERM === 'dumb' ? 'none' : depth,
		isAscii: AGENT_ROOM_ASCII === '1',
		paneMs: isRemote ? 100 : 30,
		escapeMs: isRemote ? 50 : 25,
	};
};
