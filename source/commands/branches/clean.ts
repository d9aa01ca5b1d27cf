import {join} from 'node:path';
import {FINAL_STATES} from '../../core/task/task.ts';
import {formatSize, readDuration} from '../../core/text/format.ts';
import {findLeftovers, type Leftovers, removeLeftovers} from '../../git/guardian/leftovers.ts';
import {findLeft, removeLeft} from '../../room/recovery/left.ts';
import {askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {findPlace} from '../config/place.ts';
import {agrees} from '../parse/agrees.ts';
import {CommandError, EXIT, type Invocation, isSet, notReady, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
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

const isOpen = (state: string): boolean => state !== '' && !FINAL_STATES.some(final => final === state);

/** The states of some tasks, '' for an unknown one. */
const statesAmong =
	(invocation: Invocation) =>
	(tasks: readonly string[]): Promise<ReadonlyMap<string, string>> => {
		const viaRoom = async (): Promise<ReadonlyMap<string, string> | undefined> => {
			const states = new Map<string, string>();
			for (const id of tasks) {
				const reply = await askRoom(invocation, id);
				if (!reply) return undefined;
				states.set(id, typeof reply.state === 'string' ? reply.state : '');
			}
			return states;
		};
		return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
			const read = await coordination.read(tasks);
			return new Map(tasks.map(id => [id, read.get(id)?.state ?? '']));
		});
	};

/** The unfinished ones among some tasks. */
const openAmong =
	(invocation: Invocation) =>
	async (tasks: readonly string[]): Promise<ReadonlySet<string>> =>
		new Set([...(await statesAmong(invocation)(tasks))].flatMap(([id, state]) => (isOpen(state) ? [id] : [])));

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

const DAY_MS = 86_400_000;

/** `--keep`: what was touched since then stays. */
const keepOf = (invocation: Invocation): number => {
	const given = textFlag(invocation, 'keep') || '7d';
	const days = /^(\d{1,4})d$/.exec(given)?.[1];
	const ms = days === undefined ? readDuration(given) : Number(days) * DAY_MS;
	if (ms === undefined) throw wrongUsage(`\`--keep ${given}\` is not a time.`, 'Example: `--keep 7d`.');
	return ms;
};

/**
 * `agent-room clean [--keep TIME] [--yes]`: removes what an earlier version left in the user's repository, and what ended tasks left in the
 * state folder. Lists it with the reason and asks.
 */
export const clean: RunCommand = async invocation => {
	const keepMs = keepOf(invocation);
	const store = await storeOf(invocation);
	const {stateFolder} = findPlace(invocation);
	const left = await findLeftovers(store, join(stateFolder, 'worktrees'), openAmong(invocation));
	const older = await findLeft(stateFolder, statesAmong(invocation), {keepMs, now: Date.now()});
	const bytes = older.reduce((sum, one) => sum + one.bytes, 0);
	const isJson = isSet(invocation, 'json');
	const lines = [...tell(left), ...older.map(({path, why, bytes: size}) => `${path}: ${why}, ${formatSize(size)}`)];
	if (lines.length === 0) {
		invocation.print(isJson ? plainJson({...left, older, refused: []}) : 'Your repository holds nothing of an earlier version.');
		return EXIT.ok;
	}
	if (!isJson) for (const line of lines) invocation.print(`  ${plainLine(line)}`);
	const isOfRepository = left.refs.length + left.gone.length + left.settings.length > 0;
	if (!isOfRepository && older.length === 0) return EXIT.ok;
	if (!isSet(invocation, 'yes') && !(await agrees('Remove this?', 'agent-room clean --yes')))
		throw notReady('declined', 'Nothing was changed.', '');
	const kept = await removeLeft(store, older);
	const refused = [...(await removeLeftovers(store, left)), ...kept.map(({path, why}) => `${path}: ${why}`)];
	if (isJson) {
		invocation.print(plainJson({...left, older, refused}));
		return refused.length === 0 ? EXIT.ok : EXIT.failed;
	}
	for (const line of refused) invocation.note(plainLine(`not removed: ${line}`));
	if (older.length > 0) invocation.print(`Freed ${formatSize(bytes - kept.reduce((sum, one) => sum + one.bytes, 0))}.`);
	if (isOfRepository) invocation.print(refused.length === 0 ? 'Your repository is clean.' : 'The rest was removed.');
	return refused.length === 0 ? EXIT.ok : EXIT.failed;
};
