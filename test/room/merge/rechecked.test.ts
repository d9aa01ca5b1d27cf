import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parseTask} from '../../../source/core/task/task.ts';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {findRemote} from '../../../source/git/remote/remote.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {recheckMerges} from '../../../source/room/merge/merged-tasks.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {addRemote} from '../../helpers/remote.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('a merge that another room pushed is not called removed by a base read before it; one that is gone is, once the remote can be asked', async () => {
	const project = createTestRepository();
	const remote = addRemote(project);
	const repository = await openRepository(project.root);
	const guardian = await openGuardian({
		...{repository, folder: join(project.stateFolder, 'guardian.git'), base: 'main', remote: await findRemote(repository, 'main')},
	});
	const before = await guardian.baseHead();
	const mergedCommit = remote.push({'theirs.txt': 'theirs\n'}, 'Theirs\n\nRoom-Task: t');
	// Its candidate came by its id, the base did not yet.
	project.git(['fetch', '--quiet', remote.folder, mergedCommit]);
	await guardian.importCommit(mergedCommit);
	const task = parseTask('t', {state: 'merged', stage: 'merge', commit: mergedCommit, mergedCommit});
	const removed: string[] = [];
	const room = {
		facts: {guardian, base: 'main'},
		record: {team: () => ({tasks: new Map([['t', task]])})},
		link: {
			retryUntilWritten: <T>(write: () => Promise<T>) => write(),
			coordination: {
				list: async () => ({tasks: [task], cursor: '', now: 0}),
				unmerge: async ({task: id}: {task: string}) => {
					removed.push(id);
					return 'ok';
				},
			},
		},
	} as unknown as Room;
	expect(await recheckMerges(room, before, 'a push')).toBe(0);
	expect(removed).toEqual([]);
	project.git(['update-ref', 'refs/heads/main', before], remote.folder);
	remote.leave();
	await expect(recheckMerges(room, before, 'a push')).rejects.toThrow(/is not known: `origin` cannot be reached/);
	expect(removed).toEqual([]);
	remote.comeBack();
	expect(await recheckMerges(room, before, 'a push')).toBe(1);
	expect(removed).toEqual(['t']);
});
