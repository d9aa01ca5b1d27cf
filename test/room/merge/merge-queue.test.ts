import {expect, test} from 'vitest';
import {expectGreenBase, walkBase} from '../../helpers/base-history.ts';
import type {EngineOptions, TestRoom} from '../../helpers/engine.ts';
import {openEngine, WRITES} from '../../helpers/engine.ts';

/** Fails where a file of a task that begins with `bad` is there and says nothing good. */
const GREEN = '! grep -ls bad bad*.txt';
/** The same, but every run waits until `$D/run` is made. */
const WAITING = `while [ ! -e "$D/run" ]; do sleep 0.02; done; ${GREEN}`;
/** Writes `bad` the first time, and what passes once the brief tells of failed tests. */
const MENDS = [
	'case "$AGENT_ROOM_TASK" in bad*) if ! grep -q "tests failed" "$AGENT_ROOM_BRIEF_FILE"; then echo bad >"$AGENT_ROOM_TASK.txt"; exit; fi ;; esac',
	WRITES,
].join('\n');

/** A room with three developers and three test orchestrators, without reviews. */
const openMerges = ({config = {}, agents = {}, ...options}: Partial<EngineOptions> = {}): Promise<TestRoom> =>
	openEngine({
		...options,
		agents: {developer: [MENDS, MENDS, MENDS], 'test-orchestrator': ['', '', ''], ...agents},
		config: {test: WAITING, review: 'off', ...config},
	});
const add = async (room: TestRoom, ids: readonly string[]): Promise<void> => {
	await room.must({type: 'add-plan', tasks: ids.map((id, at) => ({title: id, id, priority: 90 - at}))});
};
const areMerged = (room: TestRoom, ids: readonly string[]): boolean => ids.every(id => room.team().tasks.get(id)?.state === 'merged');
const areTested = (room: TestRoom, ids: readonly string[]): boolean =>
	ids.every(id => {
		const task = room.team().tasks.get(id);
		return task?.stage === 'test' && task.state === 'leased' && task.candidate !== '';
	});
const told = (room: TestRoom, id: string): string =>
	room.events
		.filter(({task}) => task === id)
		.map(({text}) => text)
		.join('\n');

test('three candidates on one another are tested side by side and land in the order of the train, each tested once', async () => {
	const ids = ['one', 'two', 'three'];
	const room = await openMerges();
	await add(room, ids);
	await room.when('all are tested at once', () => areTested(room, ids));
	const above = new Map(ids.map(id => [room.task(id).candidateBase, room.task(id).candidate]));
	let last = room.repository.head();
	for (let next = above.get(last); next; next = above.get(last)) last = next;
	expect([...above.values()]).toContain(last);
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expectGreenBase(room.repository.root, GREEN, ids);
	expect(room.repository.head()).toBe(last);
	for (const id of ids)
		expect(room.task(id)).toMatchObject({failures: 0, removals: 0, testExit: 0, testLog: expect.stringMatching(/\.log$/)});
	expect(room.events.filter(({type, text}) => type === 'task_claimed' && text === 'test')).toHaveLength(3);
});

test('one bad in the middle is ejected with the proof, goes back with its output, and costs its neighbours nothing', async () => {
	const ids = ['one', 'bad-two', 'three'];
	const room = await openMerges();
	await add(room, ids);
	await room.when('all are tested at once', () => areTested(room, ids));
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expectGreenBase(room.repository.root, GREEN, ids);
	expect(room.task('bad-two')).toMatchObject({failures: 1, removals: 1});
	for (const id of ['one', 'three']) expect(room.task(id)).toMatchObject({failures: 0, removals: 0});
	expect(told(room, 'bad-two')).toMatch(/tests failed \(exit 1 after .*\), (one|three|main at \w{7}) passes: removed from the merge queue/);
});

test('a base that a person moves during a train: everything is built on it and tested again, and no attempt is lost', async () => {
	const ids = ['one', 'two', 'three'];
	const room = await openMerges();
	await add(room, ids);
	await room.when('all are tested at once', () => areTested(room, ids));
	const before = ids.map(id => room.task(id).candidate);
	const person = room.repository.commit('by a person');
	await room.when('all are built again', () => areTested(room, ids) && ids.every(id => !before.includes(room.task(id).candidate)));
	expect(ids.map(id => room.task(id).candidateBase)).toContain(person);
	await room.when('the move is told', () =>
		room.events.some(({type, text}) => type === 'base_moved' && text.includes('Person: by a person')),
	);
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ids));
	expectGreenBase(room.repository.root, GREEN, ids);
	for (const id of ids) expect(room.task(id)).toMatchObject({failures: 0, removals: 0});
	expect(walkBase(room.repository.root, 'true').map(({commit}) => commit)).not.toContain(before[0]);
});

test('a test that fails once and then passes lands, and is recorded as flaky', async () => {
	const room = await openMerges({config: {test: 'if [ -e "$D/once" ]; then exit 0; fi; touch "$D/once"; exit 1'}});
	await add(room, ['one']);
	await room.when('it is merged', () => areMerged(room, ['one']));
	expect(room.task('one')).toMatchObject({flaky: 1, failures: 0, removals: 0});
	expect(room.events.find(({type}) => type === 'test_flaky')).toMatchObject({task: 'one', text: 'failed once, then passed'});
});

test('without the second look a flaky test is a failure', async () => {
	const room = await openMerges({
		config: {
			test: 'if [ -e "$D/twice" ]; then exit 0; fi; [ ! -e "$D/once" ] || touch "$D/twice"; touch "$D/once"; exit 1',
			testRetries: 0,
		},
	});
	await add(room, ['one']);
	// The base, which is looked at for the head, fails as well.
	await room.when('the base is called red', () => room.team().control.failingBase);
	expect(room.task('one')).toMatchObject({flaky: 0});
});

test('a red base is said, blames nobody and is tried one by one; what passes on it lands and mends it', async () => {
	const developer = 'case "$AGENT_ROOM_TASK" in mend) echo fine >broken.txt ;; *) echo x >"$AGENT_ROOM_TASK.txt" ;; esac';
	const check = '! grep -qs wrong broken.txt';
	const room = await openMerges({
		files: {'broken.txt': 'wrong\n'},
		agents: {developer: [developer, developer, developer]},
		config: {test: check},
	});
	const base = room.repository.head();
	await add(room, ['one', 'two']);
	await room.when('both were tried and wait', () =>
		['one', 'two'].every(id => room.team().tasks.get(id)?.waitReason.includes('passing base branch')),
	);
	expect(room.team().control).toMatchObject({failingBase: base, failingWhy: expect.stringContaining('fails there too')});
	expect(room.store.getSnapshot().banners.map(({id}) => id)).toContain('base-red');
	for (const id of ['one', 'two']) expect(room.task(id)).toMatchObject({stage: 'test', state: 'ready', failures: 0, removals: 0});
	await add(room, ['mend']);
	await room.when('all are merged', () => areMerged(room, ['mend', 'one', 'two']));
	await room.when('the banner is gone', () => room.store.getSnapshot().banners.every(({id}) => id !== 'base-red'));
	expect(room.team().control.failingBase).toBe('');
	expect(room.mergedCommit()[2]).toBe('mend');
	const [first, ...later] = walkBase(room.repository.root, check).map(({problem}) => problem === '');
	expect(first).toBe(false);
	expect(later.every(Boolean)).toBe(true);
});

test('a red base that a person mends is no longer red, and what waited goes on', async () => {
	const room = await openMerges({files: {'broken.txt': 'wrong\n'}, config: {test: '! grep -qs wrong broken.txt'}});
	await add(room, ['one']);
	await room.when('it waits', () => room.team().tasks.get('one')?.waitReason.includes('passing base branch'));
	room.repository.write('broken.txt', 'fine\n');
	room.repository.commit('mend it');
	await room.when('it is merged', () => areMerged(room, ['one']));
	expect(room.team().control.failingBase).toBe('');
	expect(room.task('one')).toMatchObject({failures: 0, removals: 0});
});

test('a test command that is not there holds the train, says so, and ejects nobody', async () => {
	const room = await openMerges({config: {test: 'no-such-program-here'}});
	await add(room, ['one', 'two']);
	await room.when('it is said', () => room.store.getSnapshot().banners.find(({id}) => id === 'test-missing'));
	expect(room.store.getSnapshot().banners.find(({id}) => id === 'test-missing')?.text).toContain('The test command was not found');
	await room.when('nothing is tested any more', () => ['one', 'two'].every(id => room.team().tasks.get(id)?.state === 'ready'));
	for (const id of ['one', 'two']) expect(room.task(id)).toMatchObject({stage: 'test', failures: 0, removals: 0});
	expect(room.team().control.failingBase).toBe('');
	expect(room.mergedCommit()).toEqual([]);
});

test('tests that are killed from outside are run again, and taken for failed at the third time', async () => {
	const check = 'if ls one.txt 2>/dev/null && [ ! -e "$D/enough" ]; then kill -9 $$; fi';
	const room = await openMerges({config: {test: check, attempts: 1}});
	await add(room, ['one']);
	await room.when('it counts at last', () => room.team().tasks.get('one')?.state === 'failed');
	// Three runs, and a look at the base alone.
	expect(room.events.filter(({type, text}) => type === 'task_claimed' && text === 'test')).toHaveLength(4);
	expect(told(room, 'one')).toContain('killed by another process');
});

test('what conflicts with a car ahead, and not with the base, waits for that car', async () => {
	const developer = 'echo "$AGENT_ROOM_TASK" >"shared-$(echo "$AGENT_ROOM_TASK" | cut -c1).txt"';
	const room = await openMerges({agents: {developer: [developer, developer, developer]}});
	await add(room, ['a-first', 'a-second', 'b-third']);
	await room.when(
		'the two that go together are tested',
		() => areTested(room, ['b-third']) && room.events.some(({text}) => text.includes('ahead in the merge queue')),
	);
	const waiting = ['a-first', 'a-second'].find(id => room.task(id).waitReason !== '') ?? '';
	const ahead = waiting === 'a-first' ? 'a-second' : 'a-first';
	expect(room.task(waiting)).toMatchObject({
		stage: 'test',
		state: 'ready',
		failures: 0,
		waitReason: `conflicts with ${ahead} ahead in the merge queue (shared-a.txt)`,
	});
	room.touch('run');
	// The car has landed: now it is a conflict with the base, and its author's.
	await room.when('it is sent back with the conflict', () =>
		room.events.some(({task, text}) => task === waiting && text.includes('conflicts in')),
	);
	await room.when('the record knows', () => areMerged(room, [ahead, 'b-third']));
	expect(room.mergedCommit()).toEqual(expect.arrayContaining([ahead, 'b-third']));
	expect(room.task(ahead)).toMatchObject({failures: 0});
});

test('a person’s uncommitted file sets aside the one task that changes it; the rest lands without it, and it follows later', async () => {
	const room = await openMerges({
		files: {'one.txt': 'old\n'},
		config: {test: GREEN},
	});
	room.repository.write('one.txt', 'mine\n');
	await add(room, ['one', 'two', 'three']);
	await room.when('the others are merged', () => areMerged(room, ['two', 'three']));
	await room.when('it says why it waits', () => /merge blocked: .*`one\.txt`/.test(room.team().tasks.get('one')?.waitReason ?? ''));
	expect(room.repository.read('one.txt')).toBe('mine\n');
	room.repository.git(['checkout', '--quiet', '--', 'one.txt']);
	await room.when('it follows', () => areMerged(room, ['one']));
	expect(room.task('one')).toMatchObject({failures: 0, removals: 0});
	expectGreenBase(room.repository.root, GREEN, ['one', 'two', 'three']);
});
