import {describe, expect, test} from 'vitest';
import {APPROVES, openEngine, type Scripts, type TestRoom, WAITS} from '../../helpers/engine.ts';

const programs = {'code-sentinel': APPROVES, 'test-orchestrator': '', 'repository-guardian': ''};
const COMMIT = 'git add --all; git -c user.name=a -c user.email=a@b commit --quiet -m merged';
/** Both sides stay; what was before them, and the markers, go. */
const KEEPS = `sed -i -e '/^|||||||/,/^=======/d' -e '/^[<>]/d' README.md; ${COMMIT}`;
const BRIEF =
	'cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_STAGE-$AGENT_ROOM_TASK-$(ls "$D" | grep -c "brief-$AGENT_ROOM_STAGE-$AGENT_ROOM_TASK")"';
/** Two that rewrite the same line, the second of which lands only when it is let go. */
const DEVELOPER = [BRIEF, WAITS, 'echo "by $AGENT_ROOM_TASK" >README.md', 'echo new >"$AGENT_ROOM_TASK.txt"'].join('\n');

/** `one` has landed, and `two`, which changed the same line, is handed in. */
const inConflict = async (agents: Scripts, config: Parameters<typeof openEngine>[0]['config'] = {}): Promise<TestRoom> => {
	const room = await openEngine({agents: {developer: [DEVELOPER, DEVELOPER], ...programs, ...agents}, config});
	await room.must({type: 'add-task', title: 'The one', id: 'one', description: 'Say that one was here.'});
	await room.must({type: 'add-task', title: 'The two', id: 'two', description: 'Say that two was here.'});
	await room.when('both work', () => room.read('at-one-1') && room.read('at-two-1'));
	room.touch('go-one');
	await room.when('the first is merged', () => room.task('one').state === 'merged');
	room.touch('go-two');
	return room;
};
const merged = (room: TestRoom): Promise<void> => room.when('the second is merged', () => room.task('two').state === 'merged');
const readme = (room: TestRoom): string => room.repository.git(['show', 'main:README.md']);

describe('a conflict', () => {
	test('goes to the conflict-resolver, on a worktree with the merge in progress and both briefs, and is reviewed and tested like any other', async () => {
		const room = await inConflict({'conflict-resolver': `${BRIEF}\ngit status >"$D/status"\ncp README.md "$D/markers"\n${KEEPS}`});
		await merged(room);
		expect(room.read('status')).toContain('You have unmerged paths.');
		expect(room.read('markers')).toMatch(/<{7} HEAD\nby two\n\|{7} [0-9a-f]+\nhello\n={7}\nby one\n>{7}/);
		const description = room.read('brief-resolve-two-0');
		expect(description).toContain('both sides changed `README.md`');
		expect(description).toContain('Say that two was here.');
		expect(description).toMatch(/`[0-9a-f]{12}` The one \(task `one`\):\n\n```text\nSay that one was here\.\n```/);
		expect(readme(room)).toBe('by two\nby one');
		const {authors, reviewer, failures, attempt} = room.task('two');
		expect(authors).toHaveLength(2);
		expect(reviewer).toBe('agent:rev:001');
		expect({failures, attempt}).toEqual({failures: 0, attempt: 1});
		expect(room.mergedCommit()).toEqual(['two', 'one']);
	});

	test('a resolver that takes a side is sent back with what is missing, and the second time a person decides', async () => {
		const ours = `git checkout --quiet --ours README.md; ${COMMIT}`;
		const room = await inConflict({
			'conflict-resolver': `${BRIEF}\nif [ -e .git ] && git rev-parse -q --verify MERGE_HEAD; then\n${ours}\nfi\nexit 0`,
		});
		await room.when('a person is asked', () => room.task('two').decision === 'dropped');
		expect(room.read('brief-resolve-two-1')).toMatch(/README\.md, from main:\n {4}by one/);
		expect(room.task('two')).toMatchObject({state: 'blocked', stage: 'resolve', drops: 2, failures: 0, waits: 0});
		expect(room.task('two').waitReason).toMatch(/lost content that a side had added in `README\.md`/);
		expect(await room.ask({type: 'unassign-task', task: 'two'})).toMatchObject({ok: false, code: 'needs-decision'});
		expect(readme(room)).toBe('by one');

		// Rejected with words, it goes back and has both tries again; accepted, it is reviewed and tested as it is.
		await room.must({type: 'request-changes', task: 'two', reason: 'Keep what one has said.'});
		await room.when('a person is asked again', () => room.has('brief-resolve-two-3') && room.task('two').decision === 'dropped');
		expect(room.read('brief-resolve-two-2')).toContain('Keep what one has said.');
		await room.must({type: 'approve', task: 'two'});
		expect(await room.ask({type: 'approve', task: 'two'})).toMatchObject({ok: false});
		await merged(room);
		expect(readme(room)).toBe('by two');
		expect(room.task('two')).toMatchObject({conflictWith: '', drops: 0, reviewer: 'agent:rev:001'});
	});

	test('a resolver that brings the lost lines back in a commit on top has resolved it', async () => {
		const room = await inConflict({
			'conflict-resolver': `if git rev-parse -q --verify MERGE_HEAD; then git checkout --quiet --theirs README.md; ${COMMIT}; else echo "by two" >>README.md; fi`,
		});
		await merged(room);
		expect(readme(room)).toBe('by one\nby two');
		expect(room.events.filter(event => event.task === 'two' && event.text.includes('lost content that a side'))).toHaveLength(1);
	});

	test('markers that are left, or a merge that is not concluded, count as a failure', async () => {
		const room = await inConflict({
			'conflict-resolver': [
				`case "$AGENT_ROOM_ATTEMPT-$(ls "$D" | grep -c tried)" in`,
				`*-0) touch "$D/tried-1"; exit 0;;`,
				`*-1) touch "$D/tried-2"; cp README.md "$D/kept"; ${COMMIT}; exit 0;;`,
				'esac',
				KEEPS,
			].join('\n'),
		});
		await merged(room);
		// What the first had left half-done, the second found as it was.
		expect(room.read('kept')).toMatch(/<{7} HEAD/);
		const reasons = room.events.filter(event => event.task === 'two').map(event => event.taskFields.reason ?? '');
		expect(reasons).toContain('the merge of `main` is not committed');
		expect(reasons).toContain('conflict markers left in `README.md`');
		expect(room.task('two')).toMatchObject({failures: 2});
		expect(readme(room)).toBe('by two\nby one');
	});

	test('a resolver that is killed half-way is followed by one that finds its answers and the merge still in progress', async () => {
		const room = await inConflict({
			'conflict-resolver': [
				'if [ ! -e "$D/half" ]; then echo "half of it" >notes.txt; sed -i "s/^by two$/by two, resolved/" README.md; touch "$D/half"; sleep 60; fi',
				'cat notes.txt >"$D/found"; grep -c "by two, resolved" README.md >>"$D/found"; git rev-parse -q --verify MERGE_HEAD >>"$D/found"',
				KEEPS,
			].join('\n'),
		});
		await room.when('the resolver is half-way', () => room.has('half') && room.task('two').token !== '');
		await room.must({type: 'stop-agent', agent: 'agent:fix:001', how: 'kill'});
		await merged(room);
		expect(room.read('found')).toBe(`half of it\n1\n${room.repository.git(['rev-parse', 'main~1'])}`);
		expect(readme(room)).toBe('by two, resolved\nby one');
		expect(room.task('two')).toMatchObject({failures: 0});
	});

	test('a merge that a developer began itself and left in conflict is not handed in; the next attempt has it in progress', async () => {
		const developer = [
			'if git rev-parse -q --verify MERGE_HEAD; then',
			'cp README.md "$D/found"',
			// As it was left: this merge shows no version from before.
			`sed -i '/^[<=>]/d' README.md; ${COMMIT}`,
			'exit 0',
			'fi',
			`echo by one >README.md; ${COMMIT}`,
			WAITS,
			'git -c user.name=a -c user.email=a@b merge --quiet main; exit 0',
		].join('\n');
		const room = await openEngine({agents: {developer, ...programs}});
		await room.must({type: 'add-task', title: 'The one', id: 'one'});
		await room.when('it works', () => room.read('at-one-1'));
		room.repository.write('README.md', 'by hand\n');
		room.repository.commit('by hand');
		await room.when('the room, and so its worktrees, know of it', () => room.events.some(({type}) => type === 'base_moved'));
		room.touch('go-one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('found')).toBe('<<<<<<< HEAD\nby one\n=======\nby hand\n>>>>>>> main');
		expect(room.events.map(({taskFields}) => taskFields.reason)).toContain('unresolved conflicts in the worktree');
		expect(readme(room)).toBe('by one\nby hand');
	});

	test('a base that was taken back has ended the conflict: what the task has is handed in, and nothing half-merged', async () => {
		const room = await inConflict({
			'conflict-resolver': `echo x >>"$D/tries"; touch "$D/resolving"; while [ ! -e "$D/goes-on" ]; do sleep 0.05; done; git rev-parse -q --verify MERGE_HEAD && exit 0; echo more >more.txt`,
		});
		await room.when('it is resolved', () => room.has('resolving'));
		room.repository.git(['reset', '--quiet', '--hard', 'HEAD~1']);
		room.touch('goes-on');
		await merged(room);
		expect(readme(room)).toBe('by two');
		expect(room.read('tries')).toBe('x\nx');
		expect(room.task('two')).toMatchObject({conflictWith: '', failures: 1});
		expect(room.repository.git(['log', '--first-parent', '--format=%s', 'main'])).toBe('The two\ncommit 1');
	});

	test('a resolver that cannot leaves it to the author, who goes on where it stopped and has the last try', async () => {
		const author = [BRIEF, `if git rev-parse -q --verify MERGE_HEAD; then cp notes.txt "$D/found"; ${KEEPS}; exit 0; fi`, DEVELOPER].join(
			'\n',
		);
		const resolver = 'echo "too hard" >notes.txt; echo "I cannot bring these together"; exit 4';
		const room = await inConflict({developer: [author, author], 'conflict-resolver': resolver}, {attempts: 1});
		await merged(room);
		expect(room.read('found')).toBe('too hard');
		expect(room.task('two')).toMatchObject({stage: 'merge', failures: 0});
		const back = room.events.find(event => event.task === 'two' && event.text.startsWith('not resolved'));
		expect(back).toMatchObject({text: 'not resolved: exit 4: I cannot bring these together', taskFields: {stage: 'develop'}});
		expect(readme(room)).toBe('by two\nby one');
		// What the resolver left is kept by a ref, and no worktree of the task is left.
		await room.when('its worktrees are gone', () => !room.worktrees().some(name => name.startsWith('two-a')));
		expect(room.kept('for-each-ref', '--format=%(refname)', 'refs/agent-room/salvage')).toMatch(/salvage\/two-a\d/);
	});

	test('without a resolver its author gets it back in its own worktree', async () => {
		const author = [
			BRIEF,
			'if git rev-parse -q --verify MERGE_HEAD; then pwd >"$D/where"; git branch --show-current >>"$D/where"',
			KEEPS,
			'exit 0',
			'fi',
			WAITS,
			'pwd >"$D/first-$AGENT_ROOM_TASK"; git branch --show-current >>"$D/first-$AGENT_ROOM_TASK"',
			'echo "by $AGENT_ROOM_TASK" >README.md',
		].join('\n');
		const room = await inConflict({developer: [author, author]});
		await merged(room);
		expect(readme(room)).toBe('by two\nby one');
		expect(room.read('where')).toBe(room.read('first-two'));
		expect(room.read('brief-develop-two-1')).toContain('The merge of `main` is in progress: both sides changed `README.md`.');
	});

	test('an author that rewrites its own line while it resolves is asked nothing', async () => {
		const resolves = `sed -i -e '/^|||||||/,/^=======/d' -e '/^[<>]/d' -e 's/^by two$/by the second/' README.md; ${COMMIT}`;
		const author = `if git rev-parse -q --verify MERGE_HEAD; then ${resolves}; exit 0; fi\n${DEVELOPER}`;
		const room = await inConflict({developer: [author, author]});
		await merged(room);
		expect(readme(room)).toBe('by the second\nby one');
		expect(room.events.filter(({text}) => text.includes('lost content that a side'))).toEqual([]);
	});
});
