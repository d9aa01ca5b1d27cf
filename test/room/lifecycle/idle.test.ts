import {afterEach, describe, expect, test, vi} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';
import {endingWhenIdle} from '../../../source/room/lifecycle/idle.ts';
import {createMergeQueueMemo} from '../../../source/room/parts/merge-queue.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {createSlots, movesOf} from '../../../source/room/parts/slot-moves.ts';
import type {Pane} from '../../../source/room/team/pane.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';

const DEV = 'agent:dev:001';

/** A room with one agent and nothing to do, and why it was ended. */
const quiet = ({untilEmpty = true, isForeground = true, terminals = 0, hasSwept = true, finding = ''} = {}) => {
	const stopped: string[] = [];
	const slots = createSlots(() => undefined);
	movesOf(slots).add({id: DEV} as PlannedAgent, {} as Pane);
	const cleaning = new Set<string>();
	const seen = {team: emptySnapshot};
	const room = {
		facts: {config: configSchema.parse({idleTimeout: '1h'}), options: {isForeground}},
		link: {isRecovering: () => finding !== ''},
		record: {team: () => seen.team, baseCommit: () => ''},
		slots,
		merges: {mergeQueue: createMergeQueueMemo(), failedStarts: new Map()},
		lifecycle: {isOpen: () => true, cleaning},
	} as unknown as Room;
	const look = endingWhenIdle(room, {
		untilEmpty,
		terminals: () => terminals,
		hasSwept: () => hasSwept,
		finding: () => finding,
		mayBeAnswered: false,
		stop: reason => stopped.push(reason),
	});
	const ready = (): void => {
		const task = parseTask('t-1', {state: 'ready', stage: 'develop', role: 'developer'});
		seen.team = {...emptySnapshot, tasks: new Map([[task.id, task]]), counts: {...emptySnapshot.counts, ready: 1}};
	};
	return {room, slots, cleaning, stopped, look, ready};
};

describe('a run until the queue is empty', () => {
	test('ends when nothing is left, and not before what was pushed before it began is known', () => {
		const early = quiet({hasSwept: false});
		early.look();
		const due = quiet();
		due.look();
		expect([early.stopped, due.stopped]).toEqual([[], ['the queue is empty']]);
	});

	test('says what is left and cannot run', () => {
		const {look, ready, stopped} = quiet();
		ready();
		look();
		expect(stopped).toEqual([expect.stringMatching(/^no remaining task can run: t-1 \(/)]);
	});

	test('goes on while an agent asks, prepares, or a worktree is removed', () => {
		const {look, slots, cleaning, stopped} = quiet();
		const moves = movesOf(slots);
		moves.move(DEV, {type: 'ask'});
		look();
		moves.move(DEV, {type: 'be-granted', lease: {agent: DEV, task: 't-1', token: '1:a'}});
		look();
		moves.move(DEV, {type: 'give-up'});
		cleaning.add('t-1');
		look();
		expect(stopped).toEqual([]);
	});

	test('ends with what is wrong where Redis lost something: an emptied one is no empty queue', () => {
		const {look, stopped} = quiet({finding: 'Redis lost its data'});
		look();
		expect(stopped).toEqual([expect.stringMatching(/^Redis lost its data: `agent-room rebuild` rebuilds it from the journal/)]);
	});
});

describe('a room of its own process', () => {
	const idle = {untilEmpty: false, isForeground: false} as const;
	const later = (): void => {
		const now = performance.now() + 3_600_001;
		vi.spyOn(performance, 'now').mockReturnValue(now);
	};
	afterEach(() => vi.restoreAllMocks());

	test('ends after a long time with nothing to do and nobody there', () => {
		const {look, stopped} = quiet(idle);
		later();
		look();
		expect(stopped).toEqual(['idle: nothing to do and no terminal attached']);
	});

	test('stays while somebody looks, and while there is something to do', () => {
		const watched = quiet({...idle, terminals: 1});
		const busy = quiet(idle);
		movesOf(busy.slots).move(DEV, {type: 'ask'});
		later();
		watched.look();
		busy.look();
		expect([watched.stopped, busy.stopped]).toEqual([[], []]);
	});
});
