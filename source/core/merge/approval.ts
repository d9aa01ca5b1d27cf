import {agentName} from '../agent/agent.ts';
import type {ChangeFacts} from '../change/change.ts';
import {locksExclude} from '../lock/lock.ts';
import type {Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {plainTextLine} from '../text/quote.ts';

/** Changed paths compared with locks; larger changes need other checks. */
const MOST_PATHS = 500;
const MOST_TOLD = 20;

/** Findings that may require approval. */
export type Found = Pick<ChangeFacts, 'secrets' | 'unsearched' | 'runs' | 'pipelines' | 'outside' | 'paths' | 'files' | 'holds'>;

const line = (text: string): string => plainTextLine(text, 120);

/** Returns another agent's lock over the task's changes; undefined without one. */
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

/** Whether you approved exactly this commit. */
export const isCleared = ({cleared, commit}: Pick<Task, 'cleared' | 'commit'>): boolean => cleared !== '' && cleared === commit;

/** What was found of secrets, and what could not be searched, one clause each. Of a secret only its place and its kind are told. */
export const secretClauses = ({secrets, unsearched}: Pick<Found, 'secrets' | 'unsearched'>): readonly string[] => [
	...secrets.map(({file, line: at, kind, commit}) => `possible secret in ${line(file)}:${at}${inCommit(commit)} (${kind})`),
	// A check that could not run blocks like a finding.
	...unsearched.map(({file, why, commit}) => `${line(file)}${inCommit(commit)} could not be scanned for secrets: ${why}`),
];

/**
 * Returns why a change needs approval, one clause each, most serious first; [] if it does not. Shows place and kind of a secret, never the
 * secret.
 */
export const neededApprovals = (task: Task, found: Found, team: Pick<TeamSnapshot, 'locks'>): readonly string[] => {
	if (isCleared(task)) return [];
	const secrets = found.holds.includes('secrets') ? secretClauses(found) : [];
	// The task changed its tests' commands, so a pass proves nothing.
	const runs = found.holds.includes('commands') ? found.runs.map(text => `changes ${line(text)}`) : [];
	// Not configurable: once pushed, these files run with the secrets of the forge.
	const pipelines = found.pipelines.map(path => `changes ${line(path)}, which the forge runs`);
	const always = [...secrets, ...pipelines, ...runs];
	const isScoped = found.holds.includes('scope');
	const outside = isScoped ? found.outside.map(path => `outside its paths: ${line(path)}`) : [];
	// Locks bind agents by their word alone: this is where a change against one is stopped.
	const lock = isScoped || found.holds.includes('locks') ? foreignLock(task, found.paths, team) : undefined;
	return [...always, ...outside, ...(lock ? [`${lock.path} is locked by ${lock.owner}`] : [])].slice(0, MOST_TOLD);
};

/** Returns the approval request in one sentence. */
export const holdText = (holds: readonly string[]): string =>
	`NOT READY: ${holds[0] ?? ''}${holds.length > 1 ? `, and ${holds.length - 1} more` : ''}`;
