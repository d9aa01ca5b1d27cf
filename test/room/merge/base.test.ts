import {expect, test} from 'vitest';
import {EXIT} from '../../../source/commands/parse/command.ts';
import {exitCodeOf} from '../../../source/commands/show/status.ts';
import {statusText} from '../../../source/commands/show/status-text.ts';
import type {StatusLine} from '../../../source/core/protocol/output-schema.ts';
import {type EngineOptions, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

const GIT = 'git -c user.name=a -c user.email=a@b';
/** Commits its file, and waits until it is told where the person's checkout is. */
const COMMITS = [
	WRITES,
	'git add --all',
	`${GIT} commit --quiet -m "work on $AGENT_ROOM_TASK"`,
	'while [ ! -e "$D/root" ]; do sleep 0.02; done',
	'here=$PWD; root=$(cat "$D/root")',
].join('\n');
/** Goes past the guard: its commit is in the person's repository, under the name FETCH_HEAD. */
const GETS_IN = 'unset GIT_CONFIG_COUNT; cd "$root"; git fetch --quiet "$here" HEAD';

/** The base is where its commit is then. */
const MOVES = `(${GETS_IN} && git update-ref refs/heads/main FETCH_HEAD)`;

const open = async ({config = {}, agents, ...options}: Partial<EngineOptions> = {}): Promise<TestRoom> => {
	const room = await openEngine({
		...options,
		config: {review: 'off', ...config},
		agents: {developer: COMMITS, 'test-orchestrator': '', 'repository-guardian': '', ...agents},
	});
	room.write('root', room.repository.root);
	return room;
};
const add = (room: TestRoom, ...ids: readonly string[]) =>
	room.must({type: 'add-plan', tasks: ids.map((id, at) => ({title: id, id, priority: 90 - at}))});
const isMerged = (room: TestRoom, ...ids: readonly string[]): boolean => ids.every(id => room.team().tasks.get(id)?.state === 'merged');
const decision = (room: TestRoom, id: string): string => room.team().tasks.get(id)?.decision ?? '';
const strays = (room: TestRoom): string => room.team().control.stray;
const told = (room: TestRoom, kind: string): readonly string[] => room.events.filter(({type}) => type === kind).map(({text}) => text);
const files = (room: TestRoom): string => room.repository.git(['ls-tree', '--name-only', 'main']);
const status = (room: TestRoom): string => room.repository.git(['status', '--porcelain']);
const short = (commit: string): string => commit.slice(0, 7);

test('an agent that moves the base past the guard raises an alarm with its name; nothing lands; one order takes it back, and the work goes its usual way', async () => {
	const room = await open({config: {sandbox: 'off'}, agents: {developer: [COMMITS, MOVES, WAITS].join('\n')}});
	const before = room.repository.head();
	await add(room, 'one');
	await room.when('the alarm is there', () => strays(room));
	expect(room.team().control).toMatchObject({
		stray: room.repository.head(),
		strayFrom: before,
		strayTask: 'one',
		strayAgent: 'agent:dev:001',
	});
	expect(room.events.find(({type}) => type === 'base_strayed')).toMatchObject({
		task: 'one',
		agent: 'agent:dev:001',
		text: `main was moved to ${short(room.repository.head())} by dev-1: unreviewed and untested work on one`,
	});
	room.touch('go-one');
	await room.when('it waits for its test', () => room.task('one').stage === 'test');
	const {data} = await room.call({op: 'status'});
	expect(statusText(data as StatusLine).slice(1, 3)).toEqual([
		`! main was moved to ${short(room.repository.head())} by dev-1 (one) without a merge: merging is blocked until you decide`,
		'  `agent-room undo-base` reverts it, `agent-room keep-base` keeps it',
	]);
	expect(exitCodeOf(data as StatusLine)).toBe(EXIT.needsPerson);
	expect(await room.must({type: 'undo-base'})).toMatchObject({text: `main is back at ${short(before)}; merging continues`});
	expect(status(room)).toBe('');
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect(room.repository.git(['rev-parse', 'main^1'])).toBe(before);
	expect(room.mergedCommit()).toEqual(['one']);
	expect(told(room, 'base_decided')).toEqual([`you moved main back to ${short(before)}; one continues normally`]);
	expect(told(room, 'base_moved')).toEqual([]);
	expect(await room.ask({type: 'undo-base'})).toMatchObject({ok: false, code: 'gone'});
	expect(await room.ask({type: 'keep-base'})).toMatchObject({ok: false, code: 'gone'});
});

test.skipIf(process.platform !== 'linux')('out of a sandbox the base is not to be reached', async () => {
	const room = await open({agents: {developer: [COMMITS, `${MOVES} && touch "$D/moved"`, 'exit 0'].join('\n')}});
	const before = room.repository.head();
	await add(room, 'one');
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect([room.has('moved'), room.repository.git(['rev-parse', 'main^1']), told(room, 'base_strayed')]).toEqual([false, before, []]);
});

test('the change of an attempt under another id is an alarm as well; what a person has begun stays; with a commit on top it is not taken back; kept, it is the person’s', async () => {
	const picks = `${GETS_IN}; ${GIT} cherry-pick --no-commit FETCH_HEAD && ${GIT} commit --quiet -m "fix a typo" && git tag sneaked`;
	const room = await open({
		config: {sandbox: 'off'},
		agents: {developer: [COMMITS, `if [ "$AGENT_ROOM_TASK" = one ]; then (${picks}); fi`, WAITS].join('\n')},
		files: {'mine.txt': 'as it was\n'},
	});
	room.repository.write('mine.txt', 'begun by a person\n');
	const before = room.repository.head();
	await add(room, 'one');
	await room.when('the alarm is there', () => strays(room));
	await room.must({type: 'undo-base'});
	expect([room.repository.head(), status(room), files(room)]).toEqual([before, ' M mine.txt', 'README.md\nmine.txt']);
	// The same again, and a person goes on without looking.
	room.repository.git(['merge', '--quiet', '--ff-only', 'sneaked']);
	await room.when('the alarm is there again', () => strays(room) === room.repository.head('sneaked'));
	const person = room.repository.commit('mine');
	await room.when('it is told as theirs', () => told(room, 'base_moved').some(text => text.includes('Person: mine')));
	expect(await room.ask({type: 'undo-base'})).toMatchObject({
		ok: false,
		code: 'changed',
		message: `main is at ${short(person)}, not at ${short(strays(room))}: it has moved since.`,
	});
	expect(room.repository.head()).toBe(person);
	await add(room, 'two');
	room.touch('go-one');
	room.touch('go-two');
	await room.must({type: 'keep-base'});
	await room.when('the other is merged', () => isMerged(room, 'two'));
	expect(strays(room)).toBe('');
	expect(told(room, 'base_decided').at(-1)).toMatch(/^main keeps \w{7} by dev-1 \(one\): accepted by you$/);
});

test('what the base does not hold any more is not called merged: it asks, is merged again or dropped, and is merged again by itself where the base holds it again', async () => {
	const room = await open();
	await add(room, 'one', 'two', 'three');
	await room.when('all are merged', () => isMerged(room, 'one', 'two', 'three'));
	const all = room.repository.head();
	const mergedCommit = room.mergedCommit();
	const [last = '', middle = ''] = mergedCommit;
	room.repository.git(['reset', '--quiet', '--hard', 'main~2']);
	await room.when('two ask', () => decision(room, last) === 'unmerged' && decision(room, middle) === 'unmerged');
	expect(room.team().counts).toMatchObject({merged: 1, blocked: 2});
	expect(room.task(last)).toMatchObject({state: 'blocked', mergedCommit: '', unmergedCommit: all, doneAt: 0});
	expect(room.task(last).waitReason).toBe(`removed from main by you: it was merged as ${short(all)}`);
	await room.when('it is told', () =>
		told(room, 'base_moved').some(text => /^main moved back by hand to .*: 2 merges are no longer in it$/.test(text)),
	);
	expect(await room.call({op: 'explain', id: last})).toMatchObject({data: {moves: expect.stringContaining(`approve ${last}`)}});
	// The person thinks better of it.
	room.repository.git(['reset', '--quiet', '--hard', all]);
	await room.when('all are merged again', () => isMerged(room, 'one', 'two', 'three'));
	expect(room.task(last)).toMatchObject({mergedCommit: all, decision: '', waitReason: ''});
	// And takes them off after all.
	room.repository.git(['reset', '--quiet', '--hard', 'main~2']);
	await room.when('they ask again', () => decision(room, last) === 'unmerged' && decision(room, middle) === 'unmerged');
	await room.must({type: 'request-changes', task: middle, reason: ''});
	await room.must({type: 'approve', task: last});
	await room.when('it is merged again', () => isMerged(room, last));
	expect(room.mergedCommit()).toEqual([last, mergedCommit[2]]);
	expect(room.task(middle)).toMatchObject({state: 'cancelled'});
	expect(room.team().counts).toMatchObject({merged: 2, cancelled: 1, blocked: 0});
});

test('a landing that a person amends, rebases or squashes is held by the base all the same', async () => {
	const room = await open();
	await add(room, 'one');
	await room.when('it is merged', () => isMerged(room, 'one'));
	const {mergedCommit} = room.task('one');
	room.repository.git(['commit', '--quiet', '--amend', '-m', `a better title\n\nRoom-Task: one`]);
	await room.when('it is merged as that', () => room.task('one').mergedCommit === room.repository.head());
	expect(room.task('one').mergedCommit).not.toBe(mergedCommit);
	const start = room.repository.git(['rev-parse', 'main^1']);
	room.repository.git(['reset', '--quiet', '--soft', start]);
	const squashed = room.repository.commit('all of it, by a person');
	await room.when('the move is told', () => told(room, 'base_moved').some(text => text.includes(short(squashed))));
	expect(told(room, 'base_moved').at(-1)).toContain('it contains every merge');
	expect(isMerged(room, 'one')).toBe(true);
	expect(told(room, 'task_unmerged')).toEqual([]);
});

/** A person commits; an agent begins on that; the person takes the commit off; the agent hands in. */
const takenOff = async (room: TestRoom): Promise<string> => {
	room.repository.write('mine.txt', 'not ready\n');
	const mine = room.repository.commit('half a thought');
	await room.when('the move is known', () => room.store.getSnapshot().repository.baseCommit === mine);
	await add(room, 'one');
	await room.atWork('one', 1);
	room.repository.git(['reset', '--quiet', '--hard', 'main~1']);
	await room.when('that is told', () => told(room, 'base_moved').some(text => text.includes('it contains every merge')));
	room.touch('go-one');
	await room.when('it asks', () => decision(room, 'one') === 'returns');
	return mine;
};

test('a commit that a person took off does not come back with the work of an agent: it asks by name, and a no lands that work alone', async () => {
	const room = await open({agents: {developer: [WAITS, COMMITS].join('\n')}});
	const mine = await takenOff(room);
	expect(room.task('one').waitReason).toBe(`would restore a commit that you removed from main: \`${short(mine)} half a thought\``);
	expect(files(room)).toBe('README.md');
	await room.must({type: 'request-changes', task: 'one', reason: ''});
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect(files(room)).toBe('README.md\none.txt');
	expect(room.repository.git(['log', '--format=%s', 'main'])).not.toContain('half a thought');
	expect(room.repository.git(['log', '--format=%s', 'main'])).toContain('work on one');
	expect(room.task('one')).toMatchObject({failures: 0, returns: []});
});

test('a yes lets exactly these come back; where the work stands on them its author does it again without', async () => {
	const room = await open({agents: {developer: [WAITS, 'cat mine.txt >>kept.txt; echo more >>mine.txt', COMMITS].join('\n')}});
	const mine = await takenOff(room);
	// `mine.txt` is not there for its change.
	room.remove('go-one');
	await room.must({type: 'request-changes', task: 'one', reason: ''});
	await room.when('it is back', () => room.task('one').stage === 'develop');
	expect(room.task('one')).toMatchObject({stage: 'develop', commit: ''});
	expect((await room.store.whole('one'))?.feedback).toContain(`${short(mine)} half a thought`);
	room.touch('go-one');
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect(room.repository.git(['log', '--format=%s', 'main'])).not.toContain('half a thought');
});

test('accepted, the commits that were named come back with the work', async () => {
	const room = await open({agents: {developer: [WAITS, COMMITS].join('\n')}});
	const mine = await takenOff(room);
	await room.must({type: 'approve', task: 'one'});
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect(files(room)).toBe('README.md\nmine.txt\none.txt');
	expect(room.task('one').letBack).toEqual([mine]);
});

test('the base that was moved while no room ran is judged before anything is built on it', async () => {
	const first = await open();
	await add(first, 'one', 'two');
	await first.when('both are merged', () => isMerged(first, 'one', 'two'));
	await first.room.stop('the day is over');
	first.repository.git(['reset', '--quiet', '--hard', 'main~1']);
	const second = await open({again: first});
	await second.when('one asks', () => ['one', 'two'].some(id => decision(second, id) === 'unmerged'));
	expect(second.team().counts.merged).toBe(1);
});
