import {expect, test} from 'vitest';
import {everOnBase} from '../../helpers/base-history.ts';
import {type EngineOptions, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';

/** All tests: each run waits until `$D/run` is there, and fails where a file says bad. */
const ALL = 'echo run >>"$D/runs"; while [ ! -e "$D/run" ]; do sleep 0.02; done; ! grep -ls bad *.txt';
/** What each change is tested with sees nothing of that. */
const BLIND = `echo 'test -s "$AGENT_ROOM_CHANGED_FILES"'`;
const BREAKS = `case "$AGENT_ROOM_TASK" in bad) echo bad >bad.txt ;; *) ${WRITES} ;; esac`;

const open = (more: Partial<EngineOptions> = {}): Promise<TestRoom> =>
	openEngine({
		agents: {developer: BREAKS},
		config: {test: ALL, affected: BLIND, fullTests: '4 merges', review: 'off', batch: 'off'},
		...more,
	});
const full = (room: TestRoom) => room.team().control.fullTests;
const runs = (room: TestRoom): number => room.read('runs').split('\n').filter(Boolean).length;

test('a merge that only all tests find is named, also by a room that starts in the middle of the search, and its revert mends the base', async () => {
	const room = await open();
	room.touch('run');
	await room.when('the base is known to pass', () => full(room).passed !== '');
	const start = full(room).passed;
	for (const id of ['one', 'bad', 'three']) {
		await room.must({type: 'add-task', title: id, id});
		await room.when(`${id} is merged`, () => room.task(id).state === 'merged');
		expect(room.task(id)).toMatchObject({testedWith: 'affected', testExit: 0});
	}
	expect(runs(room)).toBe(1);
	await room.must({type: 'add-task', title: 'four', id: 'four'});
	await room.when('all tests fail', () => full(room).failed !== '');
	expect(full(room)).toMatchObject({passed: start, failed: room.task('four').mergedCommit, found: ''});
	room.remove('run');
	await room.room.stop('in the middle of the search');

	const before = runs(room);

	const next = await open({again: room});
	await next.when('the search goes on', () => runs(next) > before);
	next.touch('run');
	await next.when('the merge is found', () => full(next).found !== '');
	expect(full(next)).toMatchObject({found: next.task('bad').mergedCommit, task: 'bad', failed: next.task('four').mergedCommit});
	const told =
		/^main fails its full tests at .{7} \(exit 1 after .*\) since bad, merged as .{7}\. `H` on the merge page or `agent-room revert bad`/;
	await next.when('it is said on the screen', () => next.store.getSnapshot().banners.some(({text}) => told.test(text)));
	await next.must({type: 'revert-task', task: 'bad'});
	await next.when('the base passes again', () => full(next).failed === '' && full(next).passed === next.task('revert-bad').mergedCommit);
	expect(next.events.filter(({type}) => type === 'base_tested').at(-1)?.text).toMatch(/^main passes its full tests again at/);
	expect(everOnBase(next.repository.root)).toHaveLength(6);
	expect(next.task('bad')).toMatchObject({failures: 0, removals: 0});
});
