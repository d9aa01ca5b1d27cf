import type {Session} from '../../../source/core/session/evidence.ts';
import {foldReading, newSession, settle} from '../../../source/core/session/fold.ts';
import type {Question, Reading} from '../../../source/core/session/reading.ts';
import type {SessionState, Source} from '../../../source/core/session/session.ts';

/** A program whose true state is known, and the signs that it gives of it. */
export type Profile = {
	readonly name: string;
	/** Signs of a change, by what it changes to; `delay` is the longest, ms. */
	readonly signs: ReadonlyArray<{
		readonly source: Source;
		readonly sign: string;
		readonly on: Change;
		readonly state: SessionState | undefined;
		readonly delay: number;
	}>;
};

/** What happens: `prompt` begins a turn, `tool` is a sign of life in it, `interrupt` is the person's Esc. */
export type Change = 'start' | 'prompt' | 'tool' | 'ask' | 'answer' | 'stop' | 'interrupt';

const AFTER: Readonly<Record<Change, SessionState>> = {
	start: 'starting',
	prompt: 'working',
	tool: 'working',
	ask: 'needs-input',
	answer: 'working',
	stop: 'idle',
	interrupt: 'idle',
};

const NEXT: Readonly<Record<Change, readonly Change[]>> = {
	start: ['prompt'],
	prompt: ['tool', 'ask', 'stop', 'interrupt'],
	tool: ['tool', 'ask', 'stop', 'interrupt'],
	ask: ['answer', 'interrupt'],
	answer: ['tool', 'ask', 'stop', 'interrupt'],
	stop: ['prompt'],
	interrupt: ['prompt'],
};

export const QUESTION: Question = {
	kind: 'permission',
	text: 'May it run `npm test`?',
	detail: 'npm test',
	choices: [
		{label: 'Yes', means: 'allow', keys: '1'},
		{label: 'No', means: 'deny', keys: '\u001b'},
	],
};

const sign = (source: Source, name: string, on: Change, state: SessionState | undefined, delay: number) => ({
	source,
	sign: `${source} ${name}`,
	on,
	state,
	delay,
});

/** What every screen shows, some time after it is so. */
const SCREEN = [
	sign('screen', 'prompt', 'start', 'idle', 900),
	...(['prompt', 'tool', 'answer'] as const).map(on => sign('screen', 'busy', on, 'working', 900)),
	sign('screen', 'dialog', 'ask', 'needs-input', 900),
	...(['stop', 'interrupt'] as const).map(on => sign('screen', 'prompt', on, 'idle', 900)),
];

const HOOKS = [
	sign('hook', 'SessionStart', 'start', undefined, 300),
	sign('hook', 'UserPromptSubmit', 'prompt', 'working', 300),
	sign('hook', 'PreToolUse', 'tool', 'working', 300),
	sign('hook', 'PermissionRequest', 'ask', 'needs-input', 300),
	sign('hook', 'PostToolUse', 'answer', 'working', 300),
	sign('hook', 'Stop', 'stop', 'idle', 300),
];

const TITLES = [
	...(['prompt', 'tool', 'answer'] as const).map(on => sign('notice', 'title busy', on, 'working', 200)),
	sign('notice', 'title asks', 'ask', 'needs-input', 200),
	...(['stop', 'interrupt'] as const).map(on => sign('notice', 'title ready', on, 'idle', 200)),
];

/** One with hooks, none of them at an interrupt, and a file of its own that says all; one that says it by title and a hook; one without hooks. */
export const PROFILES: readonly Profile[] = [
	{
		name: 'hooks, a file and a screen',
		signs: [
			...HOOKS,
			...(['prompt', 'answer'] as const).map(on => sign('stream', 'file busy', on, 'working', 300)),
			sign('stream', 'file waiting', 'ask', 'needs-input', 300),
			...(['stop', 'interrupt'] as const).map(on => sign('stream', 'file idle', on, 'idle', 300)),
			...SCREEN,
		],
	},
	{name: 'hooks, titles and a screen', signs: [...HOOKS, sign('hook', 'Interrupt', 'interrupt', 'idle', 300), ...TITLES, ...SCREEN]},
	{name: 'titles and a screen', signs: [...TITLES, ...SCREEN]},
];

/** The same program after an update: some of its signs are gone, or are not known any more. */
export const without = (profile: Profile, isGone: (sign: Profile['signs'][number]) => boolean): Profile => ({
	...profile,
	signs: profile.signs.map(known => (isGone(known) ? {...known, state: undefined, sign: `${known.source} unknown`} : known)),
});

type Seen = {readonly at: number; readonly truth: readonly SessionState[]; readonly session: Session};

/** A change is known at the latest so long after it, ms: the delays of signs, and the time for which one must stand against another. */
export const LAG_MS = 7500;

/**
 * Lets a program live for some changes and looks at what is said of it every 250 ms. `truth`: what it truly was within the lag before. `random` gives numbers
 * from 0 to below 1.
 */
export const live = (profile: Profile, changes: number, random: () => number): readonly Seen[] => {
	const readings: {at: number; reading: Reading}[] = [];
	const states: {at: number; state: SessionState}[] = [];
	const lastOf = new Map<Source, number>();
	let at = 0;
	let change: Change = 'start';
	for (let index = 0; index < changes; index++) {
		states.push({at, state: AFTER[change]});
		// Some follow at once, some take their time.
		const until = at + (random() < 0.3 ? random() * 1500 : 1500 + random() * 40_000);
		for (const {source, sign: name, on, state, delay} of profile.signs) {
			if (on !== change) continue;
			const seenAt = Math.max(at + random() * delay, (lastOf.get(source) ?? 0) + 1);
			// Hooks come one after the other; what shows its present state shows the next one then.
			if (source !== 'hook' && seenAt >= until) continue;
			lastOf.set(source, seenAt);
			const question = state === 'needs-input' && source !== 'stream' ? {question: QUESTION} : {};
			readings.push({at: seenAt, reading: {source, sign: name, ...(state ? {state} : {}), ...question}});
		}
		at = until;
		const next: readonly Change[] = NEXT[change];
		change = next[Math.floor(random() * next.length)] ?? 'stop';
	}
	const end = at;
	readings.sort((one, other) => one.at - other.at);
	const seen: Seen[] = [];
	let session = newSession(0);
	let index = 0;
	for (let now = 0; now <= end; now += 250) {
		for (let next = readings[index]; next && next.at <= now; next = readings[++index])
			session = foldReading(session, next.reading, next.at);
		if (session.againAt <= now) session = settle(session, now);
		const current = states.findLastIndex(state => state.at <= now);
		const truth = states.filter((state, place) => place === current || (state.at <= now && (states[place + 1]?.at ?? now) >= now - LAG_MS));
		seen.push({at: now, truth: truth.map(({state}) => state), session});
	}
	return seen;
};
