import {describe, expect, onTestFinished, test, vi} from 'vitest';
import type {Panes, Typed} from '../../../source/core/team/panes.ts';
import {createSending, createTaking} from '../../../source/room/panes/keys.ts';
import type {PaneShow} from '../../../source/room/panes/show.ts';
import type {Slots} from '../../../source/room/parts/slots.ts';

const AGENT = 'agent:dev:001';
const keys: Typed = {
	...{agent: AGENT, room: 'room:b:1', person: 'alice\x1b[2J@laptop', run: '7', seen: 4, number: 3, ageMs: 20},
	keys: `k${Buffer.from('ls\r').toString('base64')}`,
};

/** What a room did with keys that came while its program 7 stood at frame 5, which was sent a second ago. */
const taken = async (typed: Partial<Typed>, isTypingOff = false, refusal = '') => {
	const done: string[] = [];
	const take = createTaking({
		coordination: {
			takeTyped: async () => [{...keys, ...typed}],
			answerTyped: async (_agent: string, {to, number, why}: {to: string; number: number; why: string}) =>
				void done.push(`answer to ${to}: ${number} ${why || 'typed'}`),
		} as unknown as Panes,
		slots: {
			pane: (agent: string) =>
				agent === AGENT
					? {
							handle: {
								write: (bytes: Uint8Array) => done.push(`typed ${JSON.stringify(String(bytes))}`),
								resize: (x: number, y: number) => done.push(`size ${x} ${y}`),
							},
						}
					: undefined,
		} as unknown as Slots,
		roomId: 'room:a:1',
		show: {
			run: () => '7',
			outdatedFor: (_agent: string, seen: number) => ({4: 1000, 5: 0, 3: 3001})[seen],
			untyped: (_agent: string, {room, why}: {room: string; why: string}) => done.push(`${why} to ${room}`),
		} as unknown as PaneShow,
		isTypingOff,
		log: line => done.push(line),
	});
	take(async (agent, text) => {
		done.push(`line for ${agent}: ${text}`);
		return refusal === '' ? {ok: true, text: 'typed'} : {ok: false, code: 'not-typed', message: refusal, hint: ''};
	});
	await new Promise(setImmediate);
	return done;
};

test('keys are typed where the person saw what stands there', async () => {
	expect(await taken({})).toEqual(['alice@laptop types into dev-1', 'typed "ls\\r"']);
	expect(await taken({keys: 's90x30'})).toEqual(['size 90 30']);
});

test.each([
	[{run: '6'}, 'ended to room:b:1'],
	[{run: ''}, 'ended to room:b:1'],
	[{ageMs: 5001}, 'late to room:b:1'],
	[{seen: 3}, 'unseen to room:b:1'],
	[{seen: 99}, 'unseen to room:b:1'],
])('and nothing is where they did not: %j', async (typed, told) => {
	expect(await taken(typed)).toEqual([told]);
	expect(await taken({...typed, keys: 's90x30'})).toEqual([]);
});

const line = `l${Buffer.from('git status').toString('base64')}`;

test('a line is typed by the rules of the room of its pane, which says that it was, or why not', async () => {
	const note = 'alice@laptop types into dev-1';
	expect(await taken({keys: line})).toEqual([note, `line for ${AGENT}: git status`, 'answer to room:b:1: 3 typed']);
	expect(await taken({keys: line}, false, 'it asks a question')).toEqual([
		note,
		`line for ${AGENT}: git status`,
		'answer to room:b:1: 3 it asks a question',
	]);
	expect(await taken({keys: line, run: '6'})).toEqual(['answer to room:b:1: 3 Not typed: another program runs there now.']);
	expect(await taken({keys: line}, true)).toEqual(['answer to room:b:1: 3 Not typed: that machine allows no typing from others.']);
});

describe('a line for a pane of another room', () => {
	/** Sends keys and then a line, where Redis answers with this, and the other room with what `answers` says of the line. */
	const sent = async (
		code: 'ok' | 'silent',
		sight: {run: string; seen: number},
		answers: (say: (agent: string, why: string) => void) => void = () => undefined,
	) => {
		const typed: string[] = [];
		const problems: string[] = [];
		const sending = createSending({
			coordination: {
				typeInPane: async ({keys: given, number}: Typed) => {
					typed.push(given);
					if (given === line) answers((agent, why) => sending.answered(agent, number, why));
					return code;
				},
			} as unknown as Panes,
			roomId: 'room:b:1',
			person: 'alice@laptop',
			onProblem: (_agent, problem) => problem !== '' && problems.push(problem),
		});
		sending.type({agent: AGENT, ...sight}, Buffer.from('ls'));
		return {told: await sending.line({agent: AGENT, ...sight}, 'git status'), typed, problems};
	};
	const keysOfLs = `k${Buffer.from('ls').toString('base64')}`;
	const seen = {run: '7', seen: 4};

	test('follows the keys before it, and its sender learns what the other room did with it', async () => {
		expect(await sent('ok', seen, say => say(AGENT, ''))).toEqual({told: {outcome: 'typed'}, typed: [keysOfLs, line], problems: []});
		// Redis may say later that it took the line than the other room has answered; only the room of that agent is heard.
		const why = 'it asks \x1b[2Ja question';
		const refused = await sent('ok', seen, say =>
			setImmediate(() => {
				for (const agent of ['agent:dev:009', AGENT]) say(agent, why);
			}),
		);
		expect(refused).toMatchObject({told: {outcome: 'refused', why: 'it asks a question'}, problems: ['it asks a question']});
	});

	test('is dropped with the keys before it that did not arrive, or where the pane is not on the screen', async () => {
		const silent = 'Not typed: that machine does not answer.';
		expect(await sent('silent', seen)).toEqual({typed: [keysOfLs], problems: [silent], told: {outcome: 'refused', why: silent}});
		const unseen = 'Not typed: the pane is not shown yet.';
		expect(await sent('ok', {run: '7', seen: 0})).toEqual({typed: [], problems: [unseen], told: {outcome: 'refused', why: unseen}});
	});

	test('counts as neither typed nor refused where the other room says nothing; what it says later stands at the pane', async () => {
		vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']});
		onTestFinished(() => void vi.useRealTimers());
		let answer: (why: string) => void = () => undefined;
		const sending = sent('ok', seen, say => {
			answer = why => say(AGENT, why);
			setImmediate(() => vi.advanceTimersByTime(6000));
		});
		const {told, problems} = await sending;
		expect([told, problems]).toEqual([{outcome: 'unanswered'}, []]);
		answer('it was paused');
		answer('it was paused twice');
		expect(problems).toEqual(['it was paused']);
	});
});

test('a refusal stays in the tile until somebody types there again', () => {
	vi.useFakeTimers({toFake: ['setTimeout']});
	onTestFinished(() => void vi.useRealTimers());
	let shown = '';
	const sending = createSending({
		coordination: {typeInPane: async () => 'ok'} as unknown as Panes,
		roomId: 'room:b:1',
		person: 'alice@laptop',
		onProblem: (_agent, problem) => {
			shown = problem;
		},
	});
	sending.untyped(AGENT, 'unseen');
	vi.advanceTimersByTime(600_000);
	expect(shown).toBe('Not typed: the screen had changed. Look again.');
	sending.type({agent: AGENT, run: '7', seen: 4}, Buffer.from('a'));
	expect(shown).toBe('');
});

test('nor for an agent that is not of this room, nor where it is off, nor what is no key', async () => {
	expect(await taken({agent: 'agent:dev:002'})).toEqual([]);
	expect(await taken({}, true)).toEqual(['off to room:b:1']);
	expect(await taken({keys: 'rm -rf'})).toEqual([]);
});
