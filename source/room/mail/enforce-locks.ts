import {existsSync, lstatSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {coversPath, firstHeld, type HeldPath, heldByOthers, heldText} from '../../core/lock/covers.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {git} from '../../git/process/run.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {refuse} from '../parts/replies.ts';

/** Files that are made read-only one by one at most; folders count once. */
const MOST_FILES = 500;

/** The path locks of others that bind this agent, [] unless the configuration enforces locks. */
export const bindingLocks = ({facts, record}: Pick<Room, 'facts' | 'record'>, agent: string): readonly HeldPath[] =>
	facts.config.enforceLocks ? heldByOthers(agent, record.team().locks.values()) : [];

/** The folder or file that a pattern means as a whole, such as `src/db` of `src/db/**`; undefined where only some files of a folder match. */
const wholeOf = (pattern: string): string | undefined => {
	const path = pattern.replace(/\/+(?:\*\*)?$/, '');
	return /[*?[\]{}()\\!]/.test(path) || path.split('/').some(segment => segment === '' || segment === '.' || segment === '..')
		? undefined
		: path;
};

/** Whether a path of a worktree is what it seems: a link on the way would show something else there. */
const isReal = (folder: string, path: string): boolean => {
	const file = join(folder, path);
	return existsSync(file) && !lstatSync(file).isSymbolicLink() && realpathSync(file) === join(realpathSync(folder), path);
};

/**
 * What of a worktree must be read-only for this agent, as paths below it: what others have locked and is there. A file that does not exist yet
 * cannot be protected; that is found when the work is submitted.
 */
export const readOnlyPaths = async (room: Pick<Room, 'facts' | 'record'>, agent: string, folder: string): Promise<readonly string[]> => {
	const held = bindingLocks(room, agent);
	if (held.length === 0) return [];
	const {guardian} = room.facts;
	const partial = held.filter(({pattern}) => wholeOf(pattern) === undefined);
	const listed =
		partial.length === 0
			? []
			: (await git(guardian.folder, ['ls-tree', '-r', '-z', '--name-only', await guardian.baseHead(), '--'])).stdout.split('\0');
	const files = listed.filter(path => path !== '' && partial.some(({pattern}) => coversPath(pattern, path))).slice(0, MOST_FILES);
	const whole = held.flatMap(({pattern}) => wholeOf(pattern) ?? []);
	return [...new Set([...whole, ...files])].filter(path => isReal(folder, path));
};

/** Told at the start: what cannot be written, and why. */
export const readOnlyText = (room: Pick<Room, 'facts' | 'record'>, agent: string): string => {
	const held = bindingLocks(room, agent);
	return `Other agents have locked these paths: ${held.map(({pattern}) => plainTextLine(pattern, 120)).join(', ')}. Do not change them: they may be read-only for you, and work that changes them is not taken.`;
};

/**
 * Refuses the end of work that changes what another agent has locked, while the lock is held: the agent undoes that, or waits. Undefined if
 * nothing is in the way. Also holds where no sandbox keeps it from writing.
 */
export const refuseLocked = async (room: Pick<Room, 'facts' | 'record'>, {agent, task}: Attempt): Promise<Reply | undefined> => {
	const held = bindingLocks(room, agent.id);
	if (held.length === 0) return undefined;
	const patch = await room.record.look('patch', task.id);
	const lock = firstHeld(patch?.files.flatMap(({path, from}) => [path, from].filter(Boolean)) ?? [], held);
	if (!lock) return undefined;
	const path = plainTextLine(lock.path, 120);
	return refuse(
		'held',
		`Task ${task.id} changes \`${path}\`, which is under ${plainTextLine(heldText(lock), 160)}.`,
		`Undo that change, or wait: \`agent-room report lock "${path}" --wait 10m\`. Then report done again.`,
	);
};
