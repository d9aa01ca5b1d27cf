import {expect, test} from 'vitest';
import {APPROVES} from '../../helpers/engine.ts';
import {isPull, openPulling} from '../../helpers/pulling.ts';

test('with `prOf: feature` tested tasks gather on one branch, siblings start from it, and one pull request merges them all', async () => {
	const {room, remote, forge, seen} = await openPulling({config: {prOf: 'feature'}});
	const before = remote.head();
	const add = (id: string, more: Readonly<Record<string, unknown>> = {}) =>
		room.must({type: 'add-task', title: `Add ${id}`, id, of: 'login', ...more});
	const heads = (...ids: readonly string[]): readonly string[] => [...new Set(ids.map(id => room.task(id).pull.head))];
	await room.must({
		type: 'add-plan',
		tasks: [
			{title: 'Add one', id: 'one', of: 'login'},
			{title: 'Add two', id: 'two', of: 'login', after: ['one']},
		],
	});
	await room.must({type: 'add-task', title: 'Outside', id: 'outside', after: ['one']});
	await room.when('the first is on the branch', () => isPull(room, 'one'));
	const one = room.task('one');
	expect(one).toMatchObject({state: 'blocked', pull: {number: 0, isOfFeature: true, head: one.candidate}, candidateBase: before});
	expect(one.waitReason).toMatch(/^on the branch of login: waits for two$/);
	expect(remote.head(one.pull.branch)).toBe(one.candidate);
	await room.when('the second, too, and the request is open', () => isPull(room, 'two') && room.task('one').pull.number === 12);
	const two = room.task('two');
	// It started from the branch, where the work that it depends on is.
	expect(two).toMatchObject({base: one.candidate, candidateBase: one.candidate, attempt: 1});
	expect(room.task('outside')).toMatchObject({state: 'blocked', waits: 1});
	expect(heads('one', 'two')).toEqual([two.candidate]);
	expect(remote.head()).toBe(before);
	expect(forge.state().pulls).toMatchObject([{title: 'login', head: one.pull.branch}]);
	expect(forge.state().pulls[0]?.body).toMatch(
		/- Add one \(`one`, written by dev-\d, reviewed by rev-1\)\n- Add two \(`two`[\s\S]*passed on each/,
	);

	// The author of the last task continues at the end of the branch, whoever wrote the code that fails.
	forge.check(12, 'unit', 'FAILURE', {summary: 'two of three'});
	await seen('it runs again', 'two', () => (forge.state().reruns ?? []).length === 1);
	forge.check(12, 'unit', 'FAILURE', {summary: 'two of three'});
	await seen('it is mended', 'two', () => isPull(room, 'two') && room.task('two').candidate !== two.candidate);
	expect(room.events.filter(({type}) => type === 'task_changes_requested')).toHaveLength(1);
	const mended = room.task('two');
	expect(mended).toMatchObject({base: two.candidate, candidateBase: two.candidate, failures: 0, pull: {number: 12}});
	expect(heads('one', 'two')).toEqual([mended.candidate]);
	expect(remote.head(one.pull.branch)).toBe(mended.candidate);
	expect(forge.state().pulls).toHaveLength(1);

	// A comment on a file goes to the author of its last change.
	forge.set({writers: ['ada']});
	forge.say(12, {author: 'ada', text: 'Name it better', path: 'one.txt', line: 1});
	await seen('it is answered', 'one', () => isPull(room, 'one') && room.task('one').candidate !== one.candidate);
	expect(room.task('one')).toMatchObject({base: mended.candidate, pull: {number: 12}});
	expect(room.task('two').candidate).toBe(mended.candidate);
	await room.when('it is told', () =>
		forge.state().comments.some(({author, text}) => author === 'room-bot' && text === `Done in ${room.task('one').pull.head.slice(0, 7)}.`),
	);

	// One alone cannot be taken off, and one more joins the open request.
	expect(await room.ask({type: 'cancel-task', task: 'one'})).toMatchObject({ok: false, code: 'gathered'});
	await add('three');
	await room.when('the third joins', () => isPull(room, 'three') && room.task('three').pull.number === 12);
	expect(forge.state().pulls[0]?.body).toContain('Add three');

	// The forge requires no checks: what it merges was tested on the present base.
	const theirs = remote.push({'theirs.txt': 'theirs\n'});
	const {candidate} = room.task('three');
	forge.check(12, 'unit', 'SUCCESS');
	await room.must({type: 'approve', task: 'one'});
	await seen('it is tested again', 'one', () => isPull(room, 'three') && room.task('three').candidate !== candidate);
	expect(room.task('three').candidateBase).toBe(theirs);
	forge.check(12, 'unit', 'SUCCESS');
	await seen('all are merged', 'one', () => ['one', 'two', 'three'].every(id => room.task(id).state === 'merged'));
	expect(room.events.filter(({type, text}) => type === 'task_retested' && /tested again before the merge/.test(text))).toHaveLength(1);
	expect(room.repository.git(['rev-parse', 'main^1'], remote.folder)).toBe(theirs);
	const files = room.repository.git(['ls-tree', '--name-only', 'main'], remote.folder).split('\n');
	expect(files).toEqual(expect.arrayContaining(['one.txt', 'two.txt', 'three.txt', 'theirs.txt']));
	await room.when('what waited for it starts', () => room.task('outside').waits === 0);
	expect(room.team().control.stray).toBe('');
	expect(room.events.some(({type}) => type === 'base_strayed' || type === 'task_unmerged')).toBe(false);
});

test('a conflict of a feature’s branch goes to the task that joined last; the whole feature is cancelled together', async () => {
	const {room, remote, forge, seen} = await openPulling({
		agents: {
			developer: `if [ -e "$(git rev-parse --git-path MERGE_HEAD)" ]; then printf 'both\\n' >"$D/merged"; cat shared.txt >"$D/conflict"; printf 'theirs\\nours\\n' >shared.txt; git add .; git -c user.name=a -c user.email=a@example.org commit --quiet --no-edit; else echo ours >shared.txt; echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"; fi`,
			'code-sentinel': APPROVES,
		},
		config: {prOf: 'feature'},
	});
	await room.must({
		type: 'add-plan',
		tasks: [
			{title: 'Add one', id: 'one', of: 'login'},
			{title: 'Add two', id: 'two', of: 'login', after: ['one']},
		],
	});
	await room.when('the request is open', () => isPull(room, 'two') && room.task('one').pull.number === 12);
	const before = room.task('two').candidate;
	const theirs = remote.push({'shared.txt': 'theirs\n'});
	await seen('it was resolved', 'one', () => isPull(room, 'two') && room.task('two').candidate !== before);
	expect(room.read('conflict')).toMatch(/<<<<<<<[\s\S]*ours[\s\S]*theirs/);
	const {head} = room.task('one').pull;
	expect(room.task('two').pull.head).toBe(head);
	for (const commit of [before, theirs]) room.repository.git(['merge-base', '--is-ancestor', commit, head], remote.folder);

	await room.must({type: 'cancel-task', task: 'one', isFeature: true});
	await room.when('it is closed', () => forge.state().pulls[0]?.state === 'closed');
	expect(['one', 'two'].map(id => room.task(id).state)).toEqual(['cancelled', 'cancelled']);
});
