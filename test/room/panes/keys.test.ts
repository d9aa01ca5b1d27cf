import {describe, expect, onTestFinished, test, vi} from 'vitest';
import type {Panes, Typed} from '../../../source/core/team/panes.ts';
import {createSending, createTaking} from '../../../source/room/panes/keys.ts';
import type {PaneShow} from '../../../source/room/panes/show.ts';
import type {Slots} from '../../../source/room/parts/slots.ts';

const AGENT = 'agent:dev:001';
const keys: Typed = {
	...{agent: AGENT, room: 'room:b:1', person: 'alice\x1b[2J@laptop', run: '7', seen: 4, ageMs: 20},
	keys: `k${Buffer.from('ls\r').toString('base64')}`,
};

/** What a room did with keys that came while its program 7 stood at frame 5, which was sent a second ago. */
const taken = async (typed: Partial<Typed>, isTypingOff = false, refusal = '') => {
	const done: string[] = [];
	const take = createTaking({
		coordination: {takeTyped: async () => [{...keys, ...typed}]} as unknown as Panes,
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
			untyped: (_agent: string, {room, why, text}: {room: string; why: string; text?: string}) =>
				done.push(`${why} to ${room}${text ? `: ${text}` : ''}`),
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

test('a line is typed by the rules of the room of its pane, which says why it was not', async () => {
	const note = 'alice@laptop types into dev-1';
	expect(await taken({keys: line})).toEqual([note, `line for ${AGENT}: git status`]);
	expect(await taken({keys: line}, false, 'it asks a question')).toEqual([
		note,
		`line for ${AGENT}: git status`,
		'line to room:b:1: it asks a question',
	]);
	expect(await taken({keys: line, run: '6'})).toEqual(['ended to room:b:1']);
	expect(await taken({keys: line}, true)).toEqual(['off to room:b:1']);
});

describe('a line for a pane of another room', () => {
	/** Sends keys and then a line, where Redis answers with this. */
	const sent = async (answer: 'ok' | 'silent', sight: {run: string; seen: number}) => {
		const typed: string[] = [];
		const problems: string[] = [];
		const sending = createSending({
			coordination: {
				typeInPane: async ({keys: given}: Typed) => {
					typed.push(given);
					return answer;
				},
			} as unknown as Panes,
			roomId: 'room:b:1',
			person: 'alice@laptop',
			onProblem: (_agent, problem) => problem !== '' && problems.push(problem),
		});
		sending.type({agent: AGENT, ...sight}, Buffer.from('ls'));
		const problem = await sending.line({agent: AGENT, ...sight}, 'git status');
		return {typed, problems, problem};
	};
	const keysOfLs = `k${Buffer.from('ls').toString('base64')}`;

	test('follows the keys before it, and its sender learns that it was sent', async () => {
		expect(await sent('ok', {run: '7', seen: 4})).toEqual({typed: [keysOfLs, line], problems: [], problem: ''});
	});

	test('is dropped with the keys before it that did not arrive, or where the pane is not on the screen', async () => {
		const silent = 'Not typed: that machine does not answer.';
		expect(await sent('silent', {run: '7', seen: 4})).toEqual({typed: [keysOfLs], problems: [silent], problem: silent});
		const unseen = 'Not typed: the pane is not shown yet.';
		expect(await sent('ok', {run: '7', seen: 0})).toEqual({typed: [], problems: [unseen], problem: unseen});
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
	sending.untyped(AGENT, {why: 'line', text: 'it asks a question'});
	vi.advanceTimersByTime(600_000);
	expect(shown).toBe('it asks a question');
	sending.type({agent: AGENT, run: '7', seen: 4}, Buffer.from('a'));
	expect(shown).toBe('');
});

test('nor for an agent that is not of this room, nor where it is off, nor what is no key', async () => {
	expect(await taken({agent: 'agent:dev:002'})).toEqual([]);
	expect(await taken({}, true)).toEqual(['off to room:b:1']);
	expect(await taken({keys: 'rm -rf'})).toEqual([]);
});
