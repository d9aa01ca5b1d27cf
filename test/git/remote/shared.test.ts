import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {findRemote, sharedPrefix} from '../../../source/git/remote/remote.ts';
import {forgetShared, listShared, pushShared} from '../../../source/git/remote/shared.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {hasCommit} from '../../../source/git/store/import.ts';
import {hasRemote} from '../../../source/git/store/store.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {addRemote} from '../../helpers/remote.ts';
import {createTestRepository} from '../../helpers/repository.ts';

/** The room's own objects for one clone of a shared remote. */
const openRoom = async (folder: string, stateFolder: string) => {
	const repository = await openRepository(folder);
	const remote = {...(await findRemote(repository, 'main')), shared: sharedPrefix('{our} team')};
	const guardian = await openGuardian({repository, folder: join(stateFolder, 'guardian.git'), base: 'main', remote});
	if (!hasRemote(guardian.store)) throw new Error('it has a remote');
	return {guardian, place: guardian.store};
};

/** Two clones of one remote, each with a room. */
const startTwo = async () => {
	const project = createTestRepository();
	const remote = addRemote(project);
	const second = join(temporaryFolder('clone'), 'p');
	project.git(['clone', '--quiet', remote.folder, second]);
	return {project, remote, one: await openRoom(project.root, project.stateFolder), other: await openRoom(second, temporaryFolder('state'))};
};

test('a commit of one room comes to another by its id: no branch of the remote is touched, and neither person’s repository', async () => {
	const {project, remote, one, other} = await startTwo();
	const before = remote.refs();
	const commit = project.branch('work', {'work.txt': 'work\n'});
	await one.guardian.importCommit(commit);
	await expect(other.guardian.importCommit(commit)).rejects.toThrow(`commit \`${commit.slice(0, 12)}\` is not on \`origin\``);
	expect(await pushShared(one.place, [commit])).toEqual({kind: 'done'});
	expect(remote.refs()).toBe(`refs/agent-room/our-team-${remote.refs().split('/')[2]?.slice(9)}/${commit} ${commit}\n${before}`);
	await other.guardian.importCommit(commit);
	expect(await hasCommit(other.place, commit)).toBe(true);
	expect(project.git(['for-each-ref', '--format=%(refname)', 'refs/agent-room'], other.place.repository.root)).toBe('');
	const built = await other.guardian.buildCandidate({
		commit,
		onto: await other.guardian.baseHead(),
		task: 't',
		title: 'T',
		author: 'agent:dev:001',
	});
	expect(built.kind).toBe('candidate');
	const pushed = remote.push({'theirs.md': 'theirs\n'});
	await other.guardian.importCommit(pushed);
	expect(await other.guardian.baseHead()).toBe(pushed);
	expect(await listShared(other.place)).toEqual([commit]);
	expect(await forgetShared(other.place, [commit])).toEqual({kind: 'done'});
	expect(remote.refs()).toBe(`refs/heads/main ${pushed}`);
});

test('several commits come in one request; one that was never shared does not stop the others', async () => {
	const {project, one, other} = await startTwo();
	const [a, b, c, kept] = ['a', 'b', 'c', 'kept'].map(name => project.branch(name, {[`${name}.txt`]: `${name}\n`})) as [
		string,
		string,
		string,
		string,
	];
	for (const commit of [a, b, c]) await one.guardian.importCommit(commit);
	expect(await pushShared(one.place, [a, b, c])).toEqual({kind: 'done'});
	await other.guardian.importCommits([a, b]);
	expect([await hasCommit(other.place, a), await hasCommit(other.place, b)]).toEqual([true, true]);
	await expect(other.guardian.importCommits([c, kept])).rejects.toThrow(`commit \`${kept.slice(0, 12)}\` is not on \`origin\``);
	expect([await hasCommit(other.place, c), await hasCommit(other.place, kept)]).toEqual([true, false]);
});

test('a name on the remote that holds something else than it says is not believed', async () => {
	const {project, remote, one, other} = await startTwo();
	const commit = project.branch('work', {'work.txt': 'work\n'});
	const wrong = project.branch('wrong', {'wrong.txt': 'wrong\n'});
	await one.guardian.importCommit(commit);
	await pushShared(one.place, [commit]);
	project.git(['push', '--quiet', '--force', 'origin', `${wrong}:${one.place.remote.shared}${commit}`]);
	await expect(other.guardian.importCommit(commit)).rejects.toThrow('is not on `origin`');
	expect(await listShared(other.place)).toEqual([]);
	remote.leave();
	await expect(other.guardian.importCommit(commit)).rejects.toThrow(/cannot be fetched: /);
	expect(await pushShared(one.place, [wrong])).toMatchObject({kind: 'refused'});
});

test('commits of other rooms come with the base in one request, one that is missing does not keep the base back', async () => {
	const {project, remote, one, other} = await startTwo();
	const commits = [project.branch('work', {'work.txt': 'work\n'}), project.branch('more', {'more.txt': 'more\n'})];
	for (const commit of commits) await one.guardian.importCommit(commit);
	await pushShared(one.place, commits);
	const head = remote.push({'theirs.md': 'theirs\n'});
	expect(await other.guardian.fetchBase([...commits, '1'.repeat(40)])).toEqual({kind: 'at', head});
	expect(await hasCommit(other.place, commits[0] ?? '')).toBe(false);
	expect(await other.guardian.fetchBase(commits)).toEqual({kind: 'at', head});
	remote.leave();
	for (const commit of commits) await other.guardian.importCommit(commit);
	expect(other.place.repository.root).not.toBe(project.root);
	expect(project.git(['--git-dir', other.place.clone, 'for-each-ref', '--format=%(refname)', 'refs/agent-room/incoming'])).toBe(
		'refs/agent-room/incoming/now',
	);
});
