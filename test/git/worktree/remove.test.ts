import {chmodSync, existsSync, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {importCommits} from '../../../source/git/store/import.ts';
import {createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {openFolders} from '../../../source/os/remove-folder.ts';
import {canBeHeldBack, stepAsUser} from '../../helpers/as-user.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {startAttemptTree} from '../../helpers/attempt-tree.ts';

describe('removing a work tree', () => {
	test('keeps what was in it under a salvage ref of the room', async () => {
		const {project, store, path, kept} = await startAttemptTree();
		project.write('half.txt', 'half done\n', path);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'removed', salvage: 'refs/agent-room/salvage/t-1-a1'});
		expect(existsSync(path)).toBe(false);
		expect(kept('for-each-ref', '--format=%(refname)', 'refs/agent-room/attempts')).toBe('');
		expect(kept('show', 'refs/agent-room/salvage/t-1-a1:half.txt')).toBe('half done');
		expect(project.git(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/main');
	});

	test('needs no salvage for what the base contains', async () => {
		const {project, store, path, branch, kept} = await startAttemptTree();
		project.write('done.txt', 'x\n', path);
		project.commit('done', path);
		project.git(['pull', '--quiet', '--ff-only', path, branch]);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'removed', salvage: ''});
		expect(kept('for-each-ref', 'refs/agent-room/salvage')).toBe('');
	});

	test("of a reviewer costs one look at its files: the author's attempt holds the commit", async () => {
		const {project, store, path, save, kept} = await startAttemptTree();
		project.write('done.txt', 'x\n', path);
		const {commit} = await save();
		const folder = join(path, '..', 'review');
		await createDetachedWorktree({store, folder, commit});
		const asked = await askedOfGit(async () => expect(await removeWorktree({store, folder})).toEqual({kind: 'removed', salvage: ''}));
		expect(asked).toEqual(['status']);
		expect(kept('rev-parse', 'refs/agent-room/attempts/t-1-a1')).toBe(commit);
	});

	test('with work that must be held stays while nothing else holds it', async () => {
		const {project, store, path, branch, kept} = await startAttemptTree();
		project.write('half.txt', 'half done\n', path);
		const removal = (): ReturnType<typeof removeWorktree> => removeWorktree({store, folder: path, mustBeHeld: true});
		expect(await removal()).toEqual({kind: 'kept', reason: `only \`${branch}\` holds its commits`});
		expect(kept('show', 'refs/agent-room/attempts/t-1-a1:half.txt')).toBe('half done');
		kept('update-ref', 'refs/agent-room/attempts/t-1-a2', 'refs/agent-room/attempts/t-1-a1');
		expect(await removal()).toEqual({kind: 'removed', salvage: ''});
		expect(kept('show', 'refs/agent-room/attempts/t-1-a2:half.txt')).toBe('half done');
	});

	test('is refused for what no ref can hold, for the main work tree and for strangers', async () => {
		const {project, store, path} = await startAttemptTree();
		const inner = join(path, 'inner');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.commit('inner', inner);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'kept', reason: 'no commit can hold `inner`'});
		expect(existsSync(join(inner, '.git'))).toBe(true);
		for (const folder of [project.root, project.stateFolder, join(path, 'gone')])
			expect((await removeWorktree({store, folder})).kind).toBe('kept');
	});

	test.runIf(canBeHeldBack)('takes folders along that nothing may be removed from, and stays where one cannot be read', async () => {
		const {project, store, path} = await startAttemptTree();
		const close = (name: string, mode: number): void => {
			project.write(`${name}/file`, 'x', path);
			chmodSync(join(path, name), mode);
			onTestFinished(() => void openFolders(join(path, name)));
		};
		const remove = (): unknown => JSON.parse(stepAsUser('remove-worktree', dirname(store.clone), project.root, path));
		close('ignored/cache', 0o500);
		close('new', 0o500);
		close('hidden', 0);
		expect(remove()).toEqual({kind: 'kept', reason: 'no commit can hold `hidden/`'});
		openFolders(join(path, 'hidden'));
		expect(remove()).toMatchObject({kind: 'removed'});
		expect(existsSync(path)).toBe(false);
	});

	test('an older salvage of the same name is moved aside', async () => {
		const {project, store, path, from, kept} = await startAttemptTree();
		const old = project.branch('old', {'old.txt': 'old'});
		await importCommits(store, [old]);
		kept('update-ref', 'refs/agent-room/salvage/t-1-a1', old);
		project.write('new.txt', 'new\n', path);
		await removeWorktree({store, folder: path});
		const salvaged = kept('for-each-ref', '--format=%(objectname)', 'refs/agent-room/salvage').split('\n');
		expect(salvaged).toHaveLength(2);
		expect(salvaged).toContain(old);
		expect(salvaged).not.toContain(from);
	});
});
