import {dirname, join} from 'node:path';
import {slug} from '../../git/process/names.ts';
import {BASE_REF} from '../../git/store/import.ts';
import type {Store} from '../../git/store/store.ts';
import type {AttemptPaths, Workspace} from '../parts/attempt.ts';
import type {Inmate} from '../parts/sandboxing.ts';
import type {PlannedAgent} from '../team/team.ts';
import {homeFolder} from './sandbox.ts';

type Paths = Pick<Inmate, 'writable' | 'readable'>;

/**
 * Git paths: the worktree with its `.git`, the agent's own, and what it borrows from the room: objects, git-lfs contents, and the position of the
 * base.
 */
export const worktreePaths = (worktree: string, {clone}: Pick<Store, 'clone'>): Paths => ({
	writable: [worktree],
	readable: [join(clone, 'objects'), join(clone, 'lfs'), dirname(join(clone, BASE_REF))],
});

/** Of a test's worktree, a small repository that borrows the guardian's objects. */
const testPaths = ({folder, environment}: Workspace, {repository}: Store): Paths => ({
	writable: [folder],
	readable: [join(environment.AGENT_ROOM_CLONE ?? '', 'objects'), join(repository.commonDir, 'lfs')],
});

/** What an attempt sees of the room, and where it may write: its worktree, its git directory, its session folder; its own socket. */
export const attemptPaths = (
	{
		agent,
		workspace,
		briefFile,
		files,
		session,
		socket,
	}: {agent: PlannedAgent; workspace: Workspace; briefFile: string; files: string; session: string; socket: string},
	{stateFolder, store}: Pick<AttemptPaths, 'stateFolder' | 'store'>,
): Paths => {
	if (agent.program === 'test') return testPaths(workspace, store);
	const git = worktreePaths(workspace.folder, store);
	return {
		writable: [...git.writable, ...(agent.cli === undefined ? [] : [session])],
		readable: [
			...git.readable,
			join(stateFolder, 'hooks'),
			workspace.environment.AGENT_ROOM_HOOKS ?? '',
			briefFile,
			files,
			dirname(socket),
		],
	};
};

/** An attempt's home lasts as long as its worktree: a session continues in it. */
export const homeName = (task: string, worktree: string): string => join(slug(task), worktree.slice(worktree.lastIndexOf('/') + 1));

/** The home of tests belongs to their worktree, and keeps what they have downloaded. */
export const testHomeName = (agent: string): string => join('tests', agent.replaceAll(':', '-'));

export const homesOfTask = (stateFolder: string, task: string): string => homeFolder(stateFolder, slug(task));
