import {expect, test} from 'vitest';
import {saveLeases} from '../../../source/room/recovery/rebuild.ts';
import {startAttemptTree} from '../../helpers/attempt-tree.ts';

test('what a lease left is saved although its worktree was not recorded yet; an earlier task of the same id is not taken for it', async () => {
	const {project, path, store} = await startAttemptTree();
	project.write('draft.txt', 'uncommitted\n', path);
	const lease = {state: 'leased', stage: 'develop', attempt: '1', worktree: ''};
	const log = (line: string): never => {
		throw new Error(line);
	};
	const saves = (createdAt: number) => saveLeases({store, log}, {tasks: new Map([['t-1', {...lease, createdAt: String(createdAt)}]])});
	expect(await saves(Date.now() + 3_600_000)).toEqual(new Map());
	const saved = await saves(Date.now() - 1000);
	expect(saved.get('t-1')?.commit).toMatch(/^[0-9a-f]{40}$/);
	expect(project.git(['show', '--format=', '--name-only', 'HEAD'], path)).toBe('draft.txt');
});
