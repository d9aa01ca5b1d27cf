import {availableParallelism} from 'node:os';
import {expect, onTestFinished, test, vi} from 'vitest';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {everOnBase, walkBase} from '../../helpers/base-history.ts';
import {type EngineOptions, openEngine, type TestRoom} from '../../helpers/engine.ts';

/** Fails where a file of a task that begins with `bad` is there and says nothing good. */
const GREEN = '! grep -ls bad bad*.txt';
/** Counts its runs in `$D/runs`; each waits until `$D/run` is made, or `$D/run-<number>`. */
const COUNTED = [
	'echo run >>"$D/runs"; N=$(($(wc -l <"$D/runs")))',
	'while [ ! -e "$D/run" ] && [ ! -e "$D/run-$N" ]; do sleep 0.02; done',
	GREEN,
].join('; ');
/** Writes `bad` the first time, and what passes once the brief tells of failed tests. */
const MENDS = [
	'case "$AGENT_ROOM_TASK" in bad*) if ! grep -q "tests failed" "$AGENT_ROOM_BRIEF_FILE"; then echo bad >"$AGENT_ROOM_TASK.txt"; exit; fi ;; esac',
	'echo "good attempt $AGENT_ROOM_ATTEMPT" >"$AGENT_ROOM_TASK.txt"',
].join('\n');

const open = ({config = {}, ...options}: Partial<EngineOptions> = {}): Promise<TestRoom> =>
	openEngine({
		agents: {developer: [MENDS, MENDS, MENDS], 'test-orchestrator': ''},
		config: {test: COUNTED, review: 'off', batch: 32, testRetries: 0, ...config},
		...options,
	});
/** The first task is in its tests, alone, and all others wait behind it. */
const addAll = async (room: TestRoom, ids: readonly string[]): Promise<void> => {
	await room.must({type: 'add-plan', tasks: ids.map((id, at) => ({title: id, id, priority: 90 - at}))});
	await room.when('one is tested and the others wait', () => {
		const tasks = ids.flatMap(id => room.team().tasks.get(id) ?? []);
		return tasks.filter(({stage}) => stage === 'test').length === ids.length && tasks.some(({state}) => state === 'leased');
	});
};
const areMerged = (room: TestRoom, ids: readonly string[]): boolean => ids.every(id => room.team().tasks.get(id)?.state === 'merged');
const runs = (room: TestRoom): number => room.read('runs').split('\n').filter(Boolean).length;

test('twelve tasks that are ready land in two runs of the tests, each a commit of the base, which only ever was at a tested one', async () => {
	const ids = Array.from({length: 12}, (_, at) => `task-${at}`);
	const room = await open();
	await addAll(room, ids);
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expect(runs(room)).toBe(2);
	expect(room.mergedCommit().toSorted()).toEqual(ids.toSorted());
	// Everything that the base was at, but for where it began, is a commit on which a run ended well.
	const ever = everOnBase(room.repository.root);
	expect(ever).toHaveLength(3);
	expect(new Set(ids.map(id => room.task(id).testedCommit))).toEqual(new Set(ever.slice(1)));
	for (const id of ids) expect(room.task(id)).toMatchObject({failures: 0, removals: 0, testExit: 0, batch: expect.any(Number)});
	const [first] = ids.filter(id => room.task(id).testedCommit === ever[1]);
	const rest = ids.filter(id => room.task(id).testedCommit === ever[2]);
	expect(rest.map(id => room.task(id).batch)).toEqual(rest.map(() => rest.length));
	expect(room.task(first ?? '').batch).toBe(rest.length === 11 ? 0 : 12 - rest.length);
});

test('of a batch that fails only the failing task pays; the others land without it, and the base was always green', async () => {
	const ids = ['one', 'two', 'three', 'four', 'bad-five', 'six', 'seven', 'eight'];
	const room = await open();
	await addAll(room, ids);
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	for (const id of ids) expect(room.task(id)).toMatchObject({failures: id === 'bad-five' ? 1 : 0, removals: id === 'bad-five' ? 1 : 0});
	const told = room.events.filter(({task, type}) => task === 'bad-five' && type === 'entry_removed').map(({text}) => text);
	expect(told).toEqual([expect.stringMatching(/^tests failed \(exit 1 after .*\), \S+ passes: removed from the merge queue$/)]);
	expect(walkBase(room.repository.root, GREEN).filter(({problem}) => problem !== '')).toEqual([]);
	expect(room.mergedCommit().toSorted()).toEqual(ids.toSorted());
});

test('an entry that is cancelled while its batch is tested does not land with it; the others are tested again', async () => {
	const ids = ['one', 'two', 'three', 'four'];
	const room = await open();
	await addAll(room, ids);
	const batched = () =>
		ids.filter(id => {
			const {stage, state, batch = 0} = room.team().tasks.get(id) ?? {};
			return stage === 'test' && state === 'leased' && batch > 1;
		});
	// Where the first one is tested alone, those behind it are a batch.
	if (batched().length === 0) room.touch('run-1');
	await room.when('a batch is tested', () => batched().length >= 2);
	const cancelled = batched()[1] ?? '';
	await room.must({type: 'cancel-task', task: cancelled});
	room.touch('run');
	const left = ids.filter(id => id !== cancelled);
	await room.when('all others are merged', () => areMerged(room, left));
	expect(room.mergedCommit().toSorted()).toEqual(left.toSorted());
	for (const id of left) expect(room.task(id)).toMatchObject({failures: 0, removals: 0});
});

test('`batch: off` tests each by itself', async () => {
	const ids = ['one', 'two', 'three', 'four'];
	const room = await open({config: {batch: 'off'}});
	await addAll(room, ids);
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expect(runs(room)).toBe(4);
	for (const id of ids) expect(room.task(id)).toMatchObject({batch: 0, testedCommit: room.task(id).candidate});
});

test('`count: auto` brings a test runner for each test that waits for one, as many as the machine has cores; they leave when idle', async () => {
	const ids = ['one', 'two', 'three'];
	const wanted = Math.min(ids.length, availableParallelism());
	const team = [
		{role: 'developer', harness: 'developer-1'},
		{role: 'test-orchestrator', count: 'auto' as const},
	];
	const room = await open({config: {batch: 'off', team}});
	const runners = () => [...room.team().agents.values()].filter(({role, status}) => role === 'test-orchestrator' && status !== 'stopped');
	expect(runners()).toHaveLength(1);
	await room.must({type: 'add-plan', tasks: ids.map(id => ({title: id, id}))});
	await room.when('as many tests run as may', () => runs(room) === wanted);
	expect(runners().map(({id}) => id)).toEqual(['agent:test:001', 'agent:test:002', 'agent:test:003'].slice(0, wanted));
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expect(room.task('three')).toMatchObject({failures: 0, removals: 0});

	// Ten idle minutes are over at once by this room's clock: all but one leave, and the next task is tested and merged by that one.
	const record = room.store as RoomState;
	const clock = vi.spyOn(record, 'serverNow').mockImplementation(() => Date.now() + record.clockOffset() + 601_000);
	onTestFinished(() => clock.mockRestore());
	await room.when('one is left', () => runners().length === 1);
	expect(runners().map(({id}) => id)).toEqual(['agent:test:001']);
	for (const {id, reason} of room.team().agents.values())
		if (id.startsWith('agent:test:') && id !== 'agent:test:001') expect(reason).toBe('no longer needed');
	await room.must({type: 'add-task', title: 'four', id: 'four'});
	await room.when('it is merged', () => areMerged(room, ['four']));
});
