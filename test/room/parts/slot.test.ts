import {describe, expect, test} from 'vitest';
import type {Attempt} from '../../../source/room/parts/attempt.ts';
import {isWaiting, leasesIn, type Move, moved, type Slot, type SlotState} from '../../../source/room/parts/slot.ts';
import {createSlots, movesOf} from '../../../source/room/parts/slot-moves.ts';
import type {Pane} from '../../../source/room/team/pane.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';

const agent = {id: 'agent:dev:001'} as PlannedAgent;
const attemptOf = (task: string, token: string, entries: readonly string[] = []): Attempt =>
	({agent, task: {id: task}, token, isEnding: false, entries: entries.map(id => ({task: id, candidate: ''}))}) as unknown as Attempt;

const lease = {agent: agent.id, task: 't-1', token: '1:a'};
const another = {agent: agent.id, task: 't-2', token: '2:b'};
const attempt = attemptOf('t-1', '1:a');
const STATES: Readonly<Record<string, SlotState>> = {
	idle: {kind: 'idle'},
	waiting: {kind: 'waiting'},
	handed: {kind: 'handed', lease},
	asking: {kind: 'claiming', lease: undefined},
	taking: {kind: 'claiming', lease},
	preparing: {kind: 'preparing', lease, joined: []},
	running: {kind: 'running', attempt},
	ending: {kind: 'ending', attempt, after: 'idle'},
};
const MOVES: Readonly<Record<string, Move>> = {
	wait: {type: 'wait'},
	'stop-waiting': {type: 'stop-waiting'},
	ask: {type: 'ask'},
	'take-up': {type: 'take-up', lease},
	'get-nothing': {type: 'get-nothing', waits: false},
	'get-no-answer': {type: 'get-no-answer'},
	'be-granted': {type: 'be-granted', lease},
	start: {type: 'start', attempt},
	'give-up': {type: 'give-up'},
	end: {type: 'end', attempt},
	'go-on-to': {type: 'go-on-to', attempt, after: 'waiting'},
	'be-over': {type: 'be-over', attempt},
};

describe('what an agent does', () => {
	test('changes by these moves and no others', () => {
		const legal = Object.fromEntries(
			Object.entries(STATES).map(([name, state]) => [
				name,
				Object.entries(MOVES).flatMap(([move, made]) => {
					const next = moved(state, made);
					return next ? [`${move}: ${next.kind}`] : [];
				}),
			]),
		);
		expect(legal).toEqual({
			idle: ['wait: waiting', 'ask: claiming', 'take-up: claiming'],
			waiting: ['stop-waiting: idle', 'ask: claiming', 'take-up: claiming'],
			handed: ['take-up: claiming'],
			asking: ['get-nothing: idle', 'get-no-answer: idle', 'be-granted: preparing'],
			taking: ['get-nothing: idle', 'get-no-answer: handed', 'be-granted: preparing'],
			preparing: ['start: running', 'give-up: idle'],
			running: ['end: ending'],
			ending: ['go-on-to: ending', 'be-over: idle'],
		});
	});

	test('what was handed to it is what it begins, under its own token', () => {
		expect(moved({kind: 'claiming', lease}, {type: 'be-granted', lease: another})).toBeUndefined();
		expect(moved({kind: 'preparing', lease, joined: []}, {type: 'start', attempt: attemptOf('t-1', '2:b')})).toBeUndefined();
	});

	test('an attempt ends itself and no other', () => {
		const other = attemptOf('t-1', '1:a');
		for (const type of ['end', 'be-over'] as const) expect(moved({kind: 'running', attempt}, {type, attempt: other})).toBeUndefined();
		expect(moved({kind: 'ending', attempt, after: 'idle'}, {type: 'be-over', attempt: other})).toBeUndefined();
	});

	test('while a place is left, the place among those that wait and the next task are kept', () => {
		const left = (goesOn: 'waiting' | typeof another): SlotState | undefined =>
			moved({kind: 'ending', attempt, after: goesOn}, {type: 'be-over', attempt});
		expect(left('waiting')).toEqual({kind: 'waiting'});
		expect(left(another)).toEqual({kind: 'handed', lease: another});
		const slot = (now: SlotState) => ({agent, now}) as Slot;
		expect(isWaiting(slot({kind: 'ending', attempt, after: 'waiting'}))).toBe(true);
		expect(leasesIn(slot({kind: 'ending', attempt, after: another})).map(({token}) => token)).toEqual(['1:a', '2:b']);
	});

	test('whoever saw it before can tell that it has moved since, even back to what it was', () => {
		const asking: SlotState = {kind: 'claiming', lease: undefined};
		const [one, other] = [1, 2].map(() => moved(asking, {type: 'get-nothing', waits: true}));
		expect(one).toEqual({kind: 'waiting'});
		expect(one).not.toBe(other);
	});

	test('a landing holds a lease for each that leaves with it', () => {
		const slot = {agent, now: {kind: 'running', attempt: attemptOf('t-1', '1:a', ['t-1', 't-3'])}} as Slot;
		expect(leasesIn(slot)).toEqual([lease, {agent: agent.id, task: 't-3', token: '1:a'}]);
	});
});

describe('slots', () => {
	const pane = {} as Pane;
	const made = () => {
		const log: string[] = [];
		const clock = {now: 1000};
		const slots = createSlots(
			line => log.push(line),
			() => clock.now,
		);
		const moves = movesOf(slots);
		for (const number of [1, 2, 3]) moves.add({...agent, id: `agent:dev:00${number}`}, pane);
		return {slots, moves, log, clock};
	};

	test('refuse what cannot be, change nothing then, and say so in the log', () => {
		const {slots, moves, log} = made();
		const before = slots.get(agent.id);
		expect(moves.move(agent.id, {type: 'give-up'})).toBe(false);
		expect(moves.move('agent:dev:009', {type: 'ask'})).toBe(false);
		expect(slots.get(agent.id)).toBe(before);
		for (const move of [{type: 'ask'}, {type: 'be-granted', lease}, {type: 'start', attempt}, {type: 'ask'}] satisfies Move[])
			moves.move(agent.id, move);
		expect(log).toEqual([
			'agent:dev:001 cannot give-up: it is idle',
			'agent:dev:009 cannot ask: it is not of the team',
			'agent:dev:001 cannot ask: it is running t-1 under 1:a',
		]);
	});

	test('an attempt that is being ended says so from the first step', () => {
		const {slots, moves} = made();
		const ended = attemptOf('t-1', '1:a');
		for (const move of [{type: 'ask'}, {type: 'be-granted', lease}, {type: 'start', attempt: ended}] satisfies Move[])
			moves.move(agent.id, move);
		expect([ended.isEnding, slots.attempts()]).toEqual([false, [ended]]);
		moves.move(agent.id, {type: 'end', attempt: ended});
		expect([ended.isEnding, slots.attempt(agent.id)]).toEqual([true, ended]);
	});

	test('rest longer after each crash in a row, until one ends well or a person lets it go on', () => {
		const {slots, moves, clock} = made();
		const rests = (): number => (slots.get(agent.id)?.restUntil ?? 0) - clock.now;
		const crashed = [1, 2, 3, 4, 5, 6, 7, 8].map(() => {
			moves.rest(agent.id, 'crashed');
			return rests();
		});
		expect(crashed).toEqual([3000, 6000, 12_000, 24_000, 48_000, 96_000, 120_000, 120_000]);
		moves.rest(agent.id, 'refused');
		expect(rests()).toBe(120_000);
		moves.forgive(agent.id);
		moves.rest(agent.id, 'refused');
		expect(rests()).toBe(1000);
		moves.rest(agent.id, 'crashed');
		expect(rests()).toBe(3000);
	});

	test('lose nobody for whom something is under way', () => {
		const {slots, moves} = made();
		moves.move(agent.id, {type: 'ask'});
		expect(moves.remove(agent.id)).toBe(false);
		moves.move(agent.id, {type: 'get-nothing', waits: true});
		expect([moves.remove(agent.id), moves.remove(agent.id)]).toEqual([true, false]);
		expect(slots.team().map(({id}) => id)).toEqual(['agent:dev:002', 'agent:dev:003']);
	});

	test('give each its own number while it is there, also where others have left', () => {
		const {slots, moves} = made();
		moves.remove('agent:dev:002');
		moves.add({...agent, id: 'agent:dev:004'}, pane);
		moves.add({...agent, id: 'agent:dev:005'}, pane);
		expect(slots.all().map(({agent: {id}, number}) => `${id} ${number}`)).toEqual([
			'agent:dev:001 0',
			'agent:dev:003 2',
			'agent:dev:004 1',
			'agent:dev:005 3',
		]);
	});

	test('ask again once something may have changed', () => {
		const {slots, moves} = made();
		moves.giveUpAt(agent.id, '5-0');
		expect(slots.get(agent.id)?.refusedAt).toBe('5-0');
		moves.askAgain();
		expect(slots.get(agent.id)?.refusedAt).toBe('');
	});
});
