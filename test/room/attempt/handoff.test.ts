import {describe, expect, test} from 'vitest';
import {APPROVES, DEV_1, DEV_2, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

/** Keeps its brief as `$D/brief-<task>-<attempt>`, and says which folder it works in. */
const READS = 'cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_TASK-$AGENT_ROOM_ATTEMPT"; pwd >>"$D/places"';
const COMMITS = 'git add --all; git -c user.name=a -c user.email=a@b commit --quiet --message';

describe('the note of a task that changes hands', () => {
	test('says who had it, what was tried, what is left, and what stood on the screen; once in the brief', async () => {
		const developer = [
			READS,
			'if [ "$AGENT_ROOM_ATTEMPT" = 3 ]; then echo done >a.txt; exit 0; fi',
			'echo "$AGENT_ROOM_ATTEMPT" >>a.txt',
			`${COMMITS} "Half of it, $AGENT_ROOM_ATTEMPT"`,
			'agent-room report progress "half is done in $AGENT_ROOM_ATTEMPT"',
			'echo more >>b.txt',
			'echo "line before"; echo "no quota left in $AGENT_ROOM_ATTEMPT"; exit 1',
		].join('\n');
		const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('brief-one-1')).not.toContain('Handoff notes');
		const second = room.read('brief-one-2');
		expect(second).toMatch(
			/## Handoff notes\n[\s\S]*dev-\d owned it for \d+s \(develop, attempt 1\)\.\nIt ended: exit 1: no quota left in 1\./,
		);
		for (const part of ['- half is done in 1', 'Half of it, 1', 'Its uncommitted changes are committed on top.', 'line before'])
			expect(second).toContain(part);
		expect(second.split('line before')).toHaveLength(2);
		expect(second).not.toContain('Why the task came back');
		const third = room.read('brief-one-3');
		expect(third).toMatch(
			/attempt 2\)\.\nIt ended: exit 1: no quota left in 2\.[\s\S]*Earlier:\ndev-\d owned it for \d+s \(develop, attempt 1\)/,
		);
		expect(new Set(room.read('places').split('\n')).size).toBe(3);
		expect(room.repository.git(['show', 'main:b.txt'])).toBe('more\nmore');
		expect((await room.store.whole('one'))?.handoff).toBe('');
	});

	test('that a person gives to another says so', async () => {
		const developer = `${READS}\necho half >half.txt\necho "my last words"\n${WAITS}\n${WRITES}`;
		const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		const first = await room.atWork('one', 1);
		const other = first.owner === DEV_1 ? 'dev-2' : 'dev-1';
		await room.must({type: 'reassign-task', task: 'one', agent: other});
		await room.atWork('one', 2);
		const description = room.read('brief-one-2');
		expect(description).toContain(`It ended: reassigned to ${other} by a human.`);
		expect(description).toContain('Last output:\nmy last words\n```');
		expect(description).not.toContain('Why it came back');
		room.touch('go-one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});
});

describe('an agent that reports a blocker and ends', () => {
	const developer = [
		READS,
		'if [ ! -e half.txt ]; then echo half >half.txt; exec agent-room report blocked "the registry is away"; fi',
		'if [ ! -e more.txt ]; then echo more >more.txt; exec agent-room report blocked "which registry?"; fi',
		'agent-room report blocked "for a moment" && agent-room report progress "it goes on"',
		WRITES,
	].join('\n');

	test('costs no attempt: its task asks you, and continues from its work, with your answer', async () => {
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}, config: {attempts: 1}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('you are asked', () => room.task('one').decision === 'blocked');
		expect(room.task('one')).toMatchObject({state: 'blocked', stage: 'develop', owner: '', waitReason: 'blocked: the registry is away'});
		expect(room.events.some(({type, text}) => type === 'task_needs_decision' && text === 'blocked: the registry is away')).toBe(true);
		await room.must({type: 'approve', task: 'one'});
		await room.when('you are asked again', () => room.task('one').waitReason === 'blocked: which registry?');
		await room.must({type: 'request-changes', task: 'one', reason: 'The one in Berlin.\nIts key is in KEYS.'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({failures: 0, attempt: 1});
		const brief = room.read('brief-one-1');
		expect(brief).toContain('answered by a human; it was blocked: which registry?\n\nThe one in Berlin.\nIts key is in KEYS.');
		expect(brief).toContain('It ended: blocked: which registry?.\n');
		expect(brief).not.toContain('continued by a human');
		expect(new Set(room.read('places').split('\n')).size).toBe(1);
		expect(room.repository.git(['show', 'main:half.txt', 'main:more.txt'])).toBe('half\nmore');
	});

	test('has failed where no one watches: another agent may know more', async () => {
		const before = await openEngine({agents: {developer: 'exit 1', 'code-sentinel': APPROVES}, config: {attempts: 9}});
		await before.must({type: 'add-task', title: 'one', id: 'one'});
		await before.room.stop('the next life does it');
		const room = await openEngine({
			again: before,
			agents: {developer, 'code-sentinel': APPROVES},
			config: {attempts: 9},
			options: {untilEmpty: true},
		});
		expect(await room.room.ended).toMatchObject({exitCode: 0, merged: 1});
		// How often the life before began it is a matter of moments.
		const briefs = [2, 3, 4, 5, 6, 7, 8, 9]
			.filter(attempt => room.has(`brief-one-${attempt}`))
			.map(attempt => room.read(`brief-one-${attempt}`));
		expect(briefs.join('\n')).toContain('It ended: blocked: the registry is away.');
	});

	test('has judged nothing if it is a reviewer', async () => {
		const reviewer = '[ -e "$D/go" ] || exec agent-room report blocked "no browser here"; agent-room report done --verdict approve';
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': reviewer}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('you are asked', () => room.task('one').decision === 'blocked');
		expect(room.task('one')).toMatchObject({stage: 'review', reviewer: '', reviewedCommit: '', rounds: 0});
		room.touch('go');
		await room.must({type: 'approve', task: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({failures: 0, reviewer: 'agent:rev:001'});
	});
});

test('a task that comes back to another than its author goes on in a new worktree, from the last commit and what lay beside it', async () => {
	const developer = `${READS}\necho "$AGENT_ROOM_AGENT" >>a.txt`;
	const reviewer = [
		'if [ "$AGENT_ROOM_ROUND" -ge 1 ]; then exec agent-room report done --verdict approve; fi',
		WAITS.replaceAll('$AGENT_ROOM_TASK', 'review'),
		'agent-room report done "again" --verdict changes',
	].join('\n');
	const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': reviewer}});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.when('it is reviewed', () => room.read('at-review-1') && room.task('one').owner === 'agent:rev:001');
	const {author, worktree} = room.task('one');
	const other = author === DEV_1 ? DEV_2 : DEV_1;
	await room.must({type: 'pause-agent', agent: author});
	await room.when('its author is paused', () => room.agent(author).paused);
	// A late writer, in the worktree of the first.
	room.repository.write('late.txt', 'late', worktree);
	room.touch('go-review');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.task('one')).toMatchObject({author: other, authors: [author, other], attempt: 1, failures: 0});
	expect(new Set(room.read('places').split('\n')).size).toBe(2);
	expect(room.read('brief-one-1')).toContain(`${author === DEV_1 ? 'dev-1' : 'dev-2'} worked on it before. Continue from the last commit.`);
	expect(room.repository.git(['show', 'main:a.txt'])).toBe(`${author}\n${other}`);
	expect(room.repository.git(['show', 'main:late.txt'])).toBe('late');
	expect(room.repository.git(['log', '--format=%b', 'main'])).toContain('Uncommitted when the task was reassigned');
});

test('work that comes back from a review as it was costs an attempt and no further round, and whoever is next is told why', async () => {
	const developer = `${READS}\n[ "$AGENT_ROOM_ATTEMPT" = 1 ] && [ -e a.txt ] || echo "$AGENT_ROOM_ATTEMPT" >a.txt`;
	const reviewer = [
		'echo "$AGENT_ROOM_ROUND" >>"$D/rounds"',
		'[ "$AGENT_ROOM_ROUND" -ge 1 ] && exec agent-room report done --verdict approve',
		'agent-room report done "a.txt is wrong" --verdict changes',
	].join('\n');
	const room = await openEngine({agents: {developer, 'code-sentinel': reviewer}});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.task('one')).toMatchObject({failures: 1, attempt: 2, rounds: 1});
	expect(room.read('rounds')).toBe('0\n1');
	expect(room.read('brief-one-2')).toContain('It ended: submitted without a change since the review requested changes.');
	expect(room.repository.git(['show', 'main:a.txt'])).toBe('2');
});
