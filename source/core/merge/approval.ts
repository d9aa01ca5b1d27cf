import {agentName} from '../agent/agent.ts';
import type {ChangeFacts} from '../change/change.ts';
import {locksExclude} from '../lock/lock.ts';
import type {Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {plainTextLine} from '../text/quote.ts';

/** Changed paths that are held against the locks: a change of more than that is looked at by other means. */
const MOST_PATHS = 500;
/** Places that are told one by one. */
const MOST_TOLD = 20;

/** What a change was found to bring that may hold it. */
export type Found = Pick<ChangeFacts, 'secrets' | 'unsearched' | 'runs' | 'outside' | 'paths' | 'files' | 'holds'>;

const line = (text: string): string => plainTextLine(text, 120);

/** A lock of somebody else's over what a task changes; undefined where there is none. */
export const foreignLock = (
	task: Pick<Task, 'owner'>,
	paths: readonly string[],
	{locks}: Pick<TeamSnapshot, 'locks'>,
): {readonly path: string; readonly owner: string} | undefined => {
	const lock = [...locks.values()].find(
		({name, owner}) =>
			name.startsWith('path:') &&
			owner.split(' ')[0] !== task.owner &&
			paths.slice(0, MOST_PATHS).some(path => locksExclude(`path:${path}`, name)),
	);
	return lock && {path: line(lock.name.slice(5)), owner: agentName(lock.owner.split(' ')[0] ?? '')};
};

const inCommit = (commit: string | undefined): string => (commit === undefined ? '' : ` in commit ${commit.slice(0, 7)}`);

/** Whether a person has let this very commit pass. */
export const isCleared = ({cleared, commit}: Pick<Task, 'cleared' | 'commit'>): boolean => cleared !== '' && cleared === commit;

/** What was found of secrets, and what could not be searched, one clause each. Of a secret only its place and its kind are told. */
export const secretClauses = ({secrets, unsearched}: Pick<Found, 'secrets' | 'unsearched'>): readonly string[] => [
	...secrets.map(({file, line: at, kind, commit}) => `secret in ${line(file)}:${at}${inCommit(commit)} (${kind})`),
	// A check that could not look holds as one that found something does.
	...unsearched.map(({file, why, commit}) => `${line(file)}${inCommit(commit)} could not be searched for secrets: ${why}`),
];

/**
 * All that keeps a change from landing by itself, one clause each, what weighs most first; [] where nothing does. Of a secret only its place and its
 * kind are told, never the secret.
 */
export const neededApprovals = (task: Task, found: Found, team: Pick<TeamSnapshot, 'locks'>): readonly string[] => {
	if (isCleared(task)) return [];
	const secrets = found.holds.includes('secrets') ? secretClauses(found) : [];
	// Its tests would say nothing: it has changed what they are.
	const runs = found.holds.includes('commands') ? found.runs.map(text => `changes ${line(text)}`) : [];
	if (!found.holds.includes('scope')) return [...secrets, ...runs].slice(0, MOST_TOLD);
	const outside = found.outside.map(path => `outside its paths: ${line(path)}`);
	const lock = foreignLock(task, found.paths, team);
	return [...secrets, ...runs, ...outside, ...(lock ? [`${lock.path} is locked by ${lock.owner}`] : [])].slice(0, MOST_TOLD);
};

/** The same as what the task asks, in one sentence. */
export const holdText = (holds: readonly string[]): string =>
	`NOT YET: ${holds[0] ?? ''}${holds.length > 1 ? `, and ${holds.length - 1} more` : ''}`;
