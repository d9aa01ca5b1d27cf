import {join} from 'node:path';
import {FINAL_STATES} from '../../core/task/task.ts';
import {findLeftovers, type Leftovers, removeLeftovers} from '../../git/guardian/leftovers.ts';
import {askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {findPlace} from '../config/place.ts';
import {agrees} from '../parse/agrees.ts';
import {CommandError, EXIT, type Invocation, isSet, notReady, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {storeOf} from './checkout.ts';

const commits = (count: number): string => `${count} ${count === 1 ? 'commit' : 'commits'} that are nowhere else in your repository`;

const tell = ({refs, gone, present, settings}: Leftovers): readonly string[] => [
	...refs.map(
		({ref, own}) => `${ref.replace(/^refs\/heads\//, 'branch ')}${own === 0 ? '' : `, with ${commits(own)}: agent-room keeps them`}`,
	),
	...gone.map(path => `entry of a missing worktree: ${path}`),
	...settings.map(setting => `setting ${setting}`),
	...present.map(path => `(kept: ${path} still exists; check it, then run \`git worktree remove --force --force\` on it)`),
];

const isOpen = (state: unknown): boolean => typeof state === 'string' && !FINAL_STATES.some(final => final === state);

/** Which tasks are unfinished; unknown ones are not. */
const openAmong =
	(invocation: Invocation) =>
	(tasks: readonly string[]): Promise<ReadonlySet<string>> => {
		const viaRoom = async (): Promise<ReadonlySet<string> | undefined> => {
			const open = new Set<string>();
			for (const id of tasks) {
				const reply = await askRoom(invocation, id);
				if (!reply) return undefined;
				if (isOpen(reply.state)) open.add(id);
			}
			return open;
		};
		return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
			const read = await coordination.read(tasks);
			return new Set(tasks.filter(id => isOpen(read.get(id)?.state)));
		});
	};

/** A task's state in the room, '' if unknown; undefined without a room. */
const askRoom = async (invocation: Invocation, id: string): Promise<{readonly state: unknown} | undefined> => {
	try {
		const reply = await askIfRunning(invocation, {op: 'explain', id});
		if (!reply) return undefined;
		const {task}: Readonly<Record<string, unknown>> = typeof reply.data === 'object' && reply.data ? {...reply.data} : {};
		return {state: typeof task === 'object' && task && 'state' in task ? task.state : ''};
	} catch (error) {
		if (error instanceof CommandError && error.code === 'gone') return {state: ''};
		throw error;
	}
};

/** `agent-room clean [--yes]`: removes what an earlier version left in the user's repository. Lists it and asks. */
export const clean: RunCommand = async invocation => {
	const store = await storeOf(invocation);
	const left = await findLeftovers(store, join(findPlace(invocation).stateFolder, 'worktrees'), openAmong(invocation));
	const isJson = isSet(invocation, 'json');
	const lines = tell(left);
	if (lines.length === 0) {
		invocation.print(isJson ? plainJson({...left, refused: []}) : 'Your repository holds nothing of an earlier version.');
		return EXIT.ok;
	}
	if (!isJson) for (const line of lines) invocation.print(`  ${plainLine(line)}`);
	if (left.refs.length + left.gone.length + left.settings.length === 0) return EXIT.ok;
	if (!isSet(invocation, 'yes') && !(await agrees('Remove this from your repository?', 'agent-room clean --yes')))
		throw notReady('declined', 'Nothing was changed.', '');
	const refused = await removeLeftovers(store, left);
	if (isJson) invocation.print(plainJson({...left, refused}));
	else for (const line of refused) invocation.note(plainLine(`git refused ${line}`));
	if (!isJson) invocation.print(refused.length === 0 ? 'Your repository is clean.' : 'The rest was removed.');
	return refused.length === 0 ? EXIT.ok : EXIT.failed;
};
