import {describe, expect, test} from 'vitest';
import {APPROVES, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

const agents = {developer: WRITES, 'code-sentinel': APPROVES};

describe('the merge rule', () => {
	test('a base that moved between test and landing is tested again: it never holds an untested commit', async () => {
		// Every test run notes which commit it saw; the first one waits until somebody else has moved the base.
		const check = 'git rev-parse HEAD >>"$D/tested"; while [ ! -e "$D/moved" ]; do sleep 0.05; done';
		const room = await openEngine({agents, config: {test: check}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is being tested', () => room.read('tested'));
		const first = room.read('tested');
		const person = room.repository.commit('by a person');
		room.touch('moved');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		const mergedCommit = room.repository.head();
		expect(room.task('one')).toMatchObject({mergedCommit, failures: 0});
		expect(room.read('tested').split('\n')).toEqual([first, mergedCommit]);
		expect(room.repository.head('main^1')).toBe(person);
		expect(room.repository.git(['reflog', '--format=%H', 'main'])).not.toContain(first);
	});

	test('a task that is called like one that landed for another room, or in an earlier life, lands its own work', async () => {
		const room = await openEngine({agents});
		room.repository.git(['commit', '--quiet', '--allow-empty', '-m', 'Do something else\n\nRoom-Task: one']);
		const before = room.repository.head();
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.repository.head('main^1')).toBe(before);
		expect(room.task('one').mergedCommit).toBe(room.repository.head());
	});

	test('a person’s uncommitted change is left alone: the landing waits, the room says why, and goes on when it is out of the way', async () => {
		const room = await openEngine({agents: {...agents, developer: 'echo theirs >README.md'}});
		const theirs = 'mine, not committed\n';
		room.repository.write('README.md', theirs);
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('the landing waits', () => room.team().tasks.get('one')?.waitReason);
		expect(room.task('one')).toMatchObject({stage: 'merge', waitReason: expect.stringMatching(/^merge blocked: .*`README\.md`/)});
		await room.when(
			'it is tried again',
			() => room.events.filter(event => event.type === 'task_claimed' && event.text === 'merge').length > 1,
		);
		await room.when('it waits still', () => room.task('one').state === 'ready');
		expect(await room.call({op: 'explain', id: 'one'})).toMatchObject({data: {why: expect.stringContaining('`README.md`')}});
		expect(room.repository.read('README.md')).toBe(theirs);
		expect(room.mergedCommit()).toEqual([]);
		room.repository.git(['stash', '--quiet']);
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({waitReason: '', failures: 0});
		expect(room.repository.read('README.md')).toBe('theirs\n');
		expect(room.repository.git(['show', 'stash@{0}:README.md'])).toBe('mine, not committed');
	});

	test('an outsider’s lock on the base holds the landing off until it expires', async () => {
		const room = await openEngine({agents});
		await room.redis('SET', 'workflow:locks:repository:main', 'agent:x', 'NX', 'EX', 60);
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('the landing waits', () => room.team().tasks.get('one')?.waitReason);
		expect(room.task('one').waitReason).toBe('merge blocked: the merge lock of main is held by agent:x');
		expect(room.team().locks.get('repository:main')).toMatchObject({owner: 'agent:x'});
		expect(room.mergedCommit()).toEqual([]);
		await room.redis('PEXPIRE', 'workflow:locks:repository:main', 500);
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.mergedCommit()).toEqual(['one']);
		expect(await room.redis('GET', 'workflow:locks:repository:main')).toBe(null);
	});

	test('a Redis that refuses what a landing asks holds it off, and is no fault of the task', async () => {
		const room = await openEngine({agents});
		await room.redis('SET', 'workflow:locks:lost', 'of another type');
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('the landing waits', () => room.team().tasks.get('one')?.waitReason);
		expect(room.task('one')).toMatchObject({stage: 'merge', failures: 0, waitReason: expect.stringMatching(/^merge blocked: .*WRONGTYPE/)});
		expect(room.mergedCommit()).toEqual([]);
		await room.redis('DEL', 'workflow:locks:lost');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({failures: 0, waitReason: ''});
	});

	test('failing tests send it back to its developer with their output in the brief', async () => {
		const developer = [
			'cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_TASK"',
			'if grep -q "this is wrong" "$AGENT_ROOM_BRIEF_FILE"; then echo right >a.txt; else echo wrong >a.txt; fi',
		].join('\n');
		const room = await openEngine({
			agents: {...agents, developer},
			config: {test: 'test ! -e a.txt || { echo "line 7: this is $(cat a.txt)"; grep -q right a.txt; }'},
		});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.team().tasks.get('one')?.state === 'merged');
		expect(room.read('brief-one')).toContain('line 7: this is wrong');
		expect(room.task('one')).toMatchObject({failures: 1});
		expect(room.repository.git(['show', 'main:a.txt'])).toBe('right');
		expect(room.mergedCommit()).toEqual(['one']);
	});

	test('a conflict sends it back with the files named, and what both sides meant lands', async () => {
		const developer = [
			'cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_TASK-$(ls "$D" | grep -c brief-$AGENT_ROOM_TASK)"',
			'if grep -q "conflicts in" "$AGENT_ROOM_BRIEF_FILE"; then',
			// The merge is in progress: both sides stay, what was before them goes.
			"sed -i -e '/^|||||||/,/^=======/d' -e '/^[<>]/d' README.md",
			'git add README.md; git -c user.name=a -c user.email=a@b commit --quiet --no-edit',
			'exit 0',
			'fi',
			WAITS,
			'echo "by $AGENT_ROOM_TASK" >README.md',
		].join('\n');
		const room = await openEngine({agents: {...agents, developer: [developer, developer]}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.must({type: 'add-task', title: 'two', id: 'two'});
		await room.when('both work', () => room.read('at-one-1') && room.read('at-two-1'));
		room.touch('go-one');
		await room.when('the first is merged', () => room.task('one').state === 'merged');
		room.touch('go-two');
		await room.when('the second is merged', () => room.task('two').state === 'merged');
		expect(room.read('brief-two-1')).toContain('Merging into `main` conflicts in `README.md`.');
		expect(room.repository.read('README.md')).toMatch(/by one/);
		expect(room.repository.read('README.md')).toMatch(/by two/);
		expect(room.mergedCommit()).toEqual(['two', 'one']);
		expect(room.task('two')).toMatchObject({failures: 0, conflictWith: '', conflicted: ''});
		for (const id of ['one', 'two']) {
			const {author, reviewer} = room.task(id);
			const merger = room.events.find(event => event.type === 'task_merged' && event.task === id)?.agent;
			expect(new Set([author, reviewer, merger]).size).toBe(3);
		}
	});

	test('without a test command the room opens, works and reviews, and holds the merge, saying so', async () => {
		const room = await openEngine({agents, config: {test: undefined}, options: {isForeground: false}});
		expect(room.store.getSnapshot()).toMatchObject({hasTestCommand: false});
		expect(room.store.getSnapshot().banners.map(banner => banner.text)).toEqual([
			'No test command: merges wait until you set `test:` in agent-room.yaml.',
		]);
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is approved', () => room.task('one').stage === 'test');
		const [beat] = room.store.getSnapshot().beats.values();
		await room.when('a beat later', () => room.store.getSnapshot().beats.values().next().value !== beat);
		expect(room.task('one')).toMatchObject({state: 'ready', candidate: ''});
		expect(await room.call({op: 'explain', id: 'one'})).toMatchObject({data: {why: 'no test command: merging is blocked'}});
		expect(room.mergedCommit()).toEqual([]);
	});
});
