import {describe, expect, test} from 'vitest';
import {whyNotRunning} from '../../../source/core/queue/why.ts';
import {findMarked} from '../../../source/os/process-tree.ts';
import {lackingLargeFiles} from '../../../source/room/lifecycle/repository.ts';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {attemptMark} from '../../../source/room/prepare/environment.ts';
import {signalEach} from '../../helpers/cleanup.ts';
import {APPROVES, type EngineOptions, openEngine, WRITES} from '../../helpers/engine.ts';
import {addRemote, type TestRemote} from '../../helpers/remote.ts';

const agents = {developer: WRITES, 'code-sentinel': APPROVES};

/** A room that pushes what it merges to a bare remote beside its repository. */
const openPushing = async (options: Partial<EngineOptions> = {}, prepare: (remote: TestRemote) => void = () => undefined) => {
	let remote: TestRemote | undefined;
	const room = await openEngine({
		agents,
		before: repository => {
			remote = addRemote(repository);
			prepare(remote);
		},
		...options,
		config: {merge: 'push', ...options.config},
	});
	if (!remote) throw new Error('there is no remote');
	const banner = (pattern: RegExp): boolean => room.store.getSnapshot().banners.some(({text}) => pattern.test(text));
	const add = (id: string) => room.must({type: 'add-task', title: id, id});
	return {room, remote, banner, add};
};

describe('a room that pushes what it merges', () => {
	test('the remote’s base moves first, to a tested commit each time; the person’s branch follows, and what others push is built on', async () => {
		const check = 'git rev-parse HEAD >>"$D/tested"; [ ! -e "$D/slow" ] || while [ ! -e "$D/go" ]; do sleep 0.05; done';
		const {room, remote, banner, add} = await openPushing({config: {test: check}});
		await room.when('it is said where merges go', () => banner(/^Merges go to origin\/main/));
		await add('one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(remote.head()).toBe(room.task('one').mergedCommit);
		await room.when('the branch follows', () => room.repository.head() === remote.head());
		await room.when('everybody has seen it', () => !banner(/^Merges go/));

		room.touch('slow');
		await add('two');
		await room.when('its test runs', () => room.read('tested').split('\n').length === 2);
		const theirs = remote.push({'theirs.txt': 'theirs\n'});
		room.touch('go');
		await room.when('it is merged too', () => room.task('two').state === 'merged');
		expect(room.repository.git(['rev-parse', 'main^1'], remote.folder)).toBe(theirs);
		expect(room.task('two').failures).toBe(0);
		expect(room.read('tested').split('\n')).toContain(remote.head());
		await room.when('it is told', () =>
			room.events.some(({type, text}) => type === 'base_moved' && /^origin\/main moved by a push/.test(text)),
		);
		expect(remote.refs()).toBe(`refs/heads/main ${remote.head()}`);
		await room.when('the branch follows again', () => room.repository.head() === remote.head());
	});

	test('uncommitted work of the person keeps their branch back, and nothing else', async () => {
		const {room, remote, banner, add} = await openPushing({agents: {...agents, developer: 'echo theirs >README.md'}});
		room.repository.write('README.md', 'mine\n');
		await add('one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		await room.when('it is said', () => banner(/^Your main is behind origin\/main: .*`README\.md`/));
		expect(room.repository.read('README.md')).toBe('mine\n');
		room.repository.git(['checkout', '--quiet', '--', 'README.md']);
		await room.when('the branch follows', () => room.repository.head() === remote.head());
		await room.when('nothing is said any more', () => !banner(/^Your main/));
	});

	test('a remote that is away or refuses keeps the merge waiting in one sentence; agents work on, and it is merged when it may be', async () => {
		const {room, remote, banner, add} = await openPushing();
		remote.hook('pre-receive', 'echo "only on weekdays" >&2; exit 1');
		remote.leave();
		await add('one');
		const why = (): string => {
			const {team, ...facts} = (room.store as RoomState).getFresh();
			const task = team.tasks.get('one');
			return task ? whyNotRunning(task, team, 0, facts) : '';
		};
		await room.when('the merge waits', () => /`origin` cannot be reached: /.test(why()));
		await room.when('it is said', () => banner(/^`origin` cannot be reached: .* Agents keep running; merges wait\.$/));
		remote.comeBack();
		await room.when('it is refused', () => /origin\/main was not moved: only on weekdays/.test(room.task('one').waitReason));
		await room.when('it is there again', () => !banner(/cannot be reached/));
		remote.hook('pre-receive', undefined);
		await room.must({type: 'merge-task', task: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({mergedCommit: remote.head(), failures: 0, waitReason: ''});
	});

	test('a push that is killed when it has arrived has merged what it pushed: once, at no cost', async () => {
		const {room, remote, add} = await openPushing({}, ({folder, hook}) =>
			hook('post-receive', `touch ${folder}/arrived; while [ ! -e ${folder}/go ]; do sleep 0.05; done`),
		);
		await add('one');
		const before = room.repository.head();
		await room.when('the push arrived', () => remote.head() !== before);
		expect(room.task('one').state).toBe('leased');
		signalEach(
			findMarked(attemptMark(room.task('one').token)).map(({pid}) => pid),
			'SIGKILL',
		);
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({mergedCommit: remote.head(), failures: 0});
		room.repository.write('../remote.git/go', '');
		await room.when('the branch follows', () => room.repository.head() === remote.head());
		expect(room.mergedCommit()).toEqual(['one']);
	});

	test('a repository with large files of git-lfs is told that only pointers are pushed, and where git-lfs is missing', async () => {
		const {room, banner} = await openPushing({files: {'.gitattributes': '*.txt text\n', 'art/.gitattributes': '*.bin filter=lfs\n'}});
		expect(banner(/^This repository uses git-lfs: merges to origin push pointers only, .*`git lfs push --all origin`\.$/)).toBe(true);
		const told = await lackingLargeFiles(room.repository, 'main', {remote: undefined, path: ''});
		expect(told).toEqual([expect.stringContaining('git-lfs, which is not installed here')]);
		const {repository} = await openEngine({agents});
		expect(await lackingLargeFiles(repository, 'main', {remote: 'origin', path: ''})).toEqual([]);
	});

	test('a secret that a later commit took away again is not pushed: the merge asks, names the commit, and goes as the person says', async () => {
		const commit = 'git add .; git -c user.name=a -c user.email=a@b commit --quiet -m';
		const key = `AKIA${'Q'.repeat(16)}`;
		const developer = `echo ${key} >config.txt; ${commit} one; echo none >config.txt; ${commit} two`;
		const {room, remote, add} = await openPushing({agents: {...agents, developer}});
		const before = remote.refs();
		await add('one');
		await room.when('it asks', () => room.team().tasks.get('one')?.decision === 'checks');
		expect(room.task('one').waitReason).toMatch(/^NOT READY: possible secret in config\.txt:1 in commit \w{7} \(AWS key\)$/);
		expect(remote.refs()).toBe(before);
		await room.must({type: 'approve', task: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(remote.head()).toBe(room.task('one').mergedCommit);
	});

	test('a change to what the CI of the forge runs is not pushed unasked, whatever else the repository lets through', async () => {
		const developer = 'mkdir -p .github/workflows; echo "on: push" >.github/workflows/ci.yml';
		const {room, remote, add} = await openPushing({agents: {...agents, developer}, config: {requireApproval: []}});
		const before = remote.refs();
		await add('one');
		await room.when('it asks', () => room.team().tasks.get('one')?.decision === 'checks');
		expect(room.task('one').waitReason).toBe('NOT READY: changes .github/workflows/ci.yml, which the forge runs');
		expect(await room.store.look('facts', 'one')).toMatchObject({pipelines: ['.github/workflows/ci.yml']});
		expect(remote.refs()).toBe(before);
		await room.must({type: 'approve', task: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(remote.head()).toBe(room.task('one').mergedCommit);
	});

	test('what was merged here before is pushed by the person first: the room does not open, and says how', async () => {
		const opening = openEngine({
			agents,
			before: repository => {
				addRemote(repository);
				repository.commit('before');
			},
			config: {merge: 'push'},
		});
		await expect(opening).rejects.toMatchObject({
			message: 'Your `main` has a commit that `origin/main` lacks.',
			hint: 'Push first: `git push origin main:main`.',
		});
	});
});
