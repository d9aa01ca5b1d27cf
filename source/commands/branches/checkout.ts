import {join} from 'node:path';
import {bringBranch} from '../../git/guardian/fetch-objects.ts';
import {slug} from '../../git/process/names.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {readMark} from '../../git/repository/mark.ts';
import {openRepository, resolveBase} from '../../git/repository/repository.ts';
import {importCommits} from '../../git/store/import.ts';
import {openStore, type Store} from '../../git/store/store.ts';
import {takeHead} from '../../git/worktree/look.ts';
import {findTree} from '../../git/worktree/tree.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace} from '../config/place.ts';
import {CommandError, EXIT, type Invocation, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {readTask} from '../show/task.ts';

/** The room's own objects of the repository that a command is for. */
export const storeOf = async (invocation: Invocation): Promise<Store> => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const {allowed} = await configurationOf(invocation, place);
	const base = await resolveBase(repository, allowed.base, readMark(place.stateFolder));
	return {...(await openStore(repository, join(place.stateFolder, 'guardian.git'), base)), mostBytes: allowed.limits.disk};
};

const refused = (error: unknown): never => {
	if (error instanceof GitRefused)
		throw new CommandError(error.code, `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`, error.hint);
	throw error;
};

const SAID = {
	made: (branch: string, at: string) => `Created branch \`${branch}\` at ${at}. Switch to it: \`git switch ${branch}\`.`,
	moved: (branch: string, at: string) => `Updated branch \`${branch}\` to ${at}.`,
	there: (branch: string, at: string) => `Branch \`${branch}\` is already at ${at}.`,
} as const;

/** `agent-room checkout TASK [BRANCH]`: brings what is committed on a task into the person's repository, as a branch. */
export const checkout: RunCommand = async invocation => {
	const [id = '', given] = [(invocation.input[0] ?? '').toLowerCase(), invocation.input[1]];
	const {detail} = await readTask(invocation, id);
	const branch = given ?? `agent/${slug(id)}`;
	try {
		const store = await storeOf(invocation);
		// Of a task that is worked on: what is committed by now.
		const isThere = detail.state !== 'merged' && findTree(store, detail.worktree) !== undefined;
		const commit = isThere ? await takeHead(store, detail.worktree) : detail.commit;
		if (commit === '') throw new CommandError('no-work', `Task ${id} has no commits yet.`, `See \`agent-room task ${id}\`.`);
		await importCommits(store, [commit]);
		const brought = await bringBranch(store, {commit, branch});
		const text = SAID[brought](branch, commit.slice(0, 7));
		invocation.print(isSet(invocation, 'json') ? plainJson({task: id, branch, commit, brought}) : plainLine(text));
		return EXIT.ok;
	} catch (error) {
		return refused(error);
	}
};
