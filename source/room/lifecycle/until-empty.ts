import {openAfter} from '../../core/queue/dependencies.ts';
import {whyUnserved} from '../../core/queue/eligibility.ts';
import {isOpenedNext} from '../../core/queue/feature-branch.ts';
import {checksState} from '../../core/task/pull.ts';
import {FINAL_STATES, isAsking, type Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {countTasks, openCount} from '../../core/team/window.ts';
import type {Tally} from '../parts/options.ts';

/** Counts of the tasks' outcomes, for the room's last line. */
export const tally = ({counts}: TeamSnapshot): Tally => ({
	merged: counts.merged,
	failed: counts.failed,
	cancelled: counts.cancelled,
	open: openCount(counts),
});

/** Task -> why it could not start, for those that were tried often enough. */
export type Hopeless = ReadonlyMap<string, string>;

/**
 * Why a task will never continue by itself, in one clause; '' if it may. It waits for a failed, cancelled or stuck task, no member of the team can
 * work on it, no start of it succeeds, or a human must decide.
 */
const whyStuck = (task: Task, team: TeamSnapshot, hopeless: Hopeless, seen: ReadonlySet<string> = new Set()): string => {
	if (task.state === 'ready') return whyUnserved(task, team) || (hopeless.get(task.id) ?? '');
	if (task.state !== 'blocked') return '';
	// What comes back from checks that run may be work.
	if (task.decision === 'pull') return checksState(task.pull.checks) === 'pending' || isOpenedNext(task) ? '' : task.waitReason;
	if (task.decision !== '') return task.waitReason || 'needs your decision';
	const cause = openAfter(task, team).find(id => {
		const other = team.tasks.get(id);
		if (seen.has(id)) return false;
		if (!other || other.state === 'planned') return isFeatureStuck(id, team, hopeless, new Set([...seen, id]));
		return other.state === 'failed' || other.state === 'cancelled' || whyStuck(other, team, hopeless, new Set([...seen, id])) !== '';
	});
	return cause ? `blocked by ${cause}` : '';
};

/** Whether a feature will never be merged as a whole: one of its tasks was given up, or all open ones are stuck. */
const isFeatureStuck = (id: string, team: TeamSnapshot, hopeless: Hopeless, seen: ReadonlySet<string>): boolean => {
	const feature = team.features.get(id);
	if (!feature) return false;
	const open = [...team.tasks.values()].filter(task => task.feature === id && !FINAL_STATES.includes(task.state));
	if (open.length < feature.open) return false;
	return open.length === 0 ? feature.failed + feature.cancelled > 0 : open.every(task => whyStuck(task, team, hopeless, seen) !== '');
};

/**
 * True when nothing more will happen by itself: every task is finished or stuck. Blocked tasks that the room does not remember are stuck when
 * nothing is left that could free them; any other such task may still move. With `isAnswered`, a needed decision counts as pending, since it may
 * still be made.
 */
export const isEmpty = (team: TeamSnapshot, hopeless: Hopeless = new Map(), isAnswered = false): boolean => {
	const known = countTasks(team.tasks.values());
	if (isAnswered && [...team.tasks.values()].some(task => task.state === 'blocked' && isAsking(task))) return false;
	return (
		(['ready', 'leased', 'delayed'] as const).every(state => team.counts[state] <= known[state]) &&
		[...team.tasks.values()].every(task => FINAL_STATES.includes(task.state) || whyStuck(task, team, hopeless) !== '')
	);
};

/** The remaining tasks and why, as one sentence; '' if there are none. */
export const tellStuck = (team: TeamSnapshot, hopeless: Hopeless = new Map()): string =>
	[...team.tasks.values()]
		.filter(task => !FINAL_STATES.includes(task.state))
		.slice(0, 5)
		.map(task => `${task.id} (${whyStuck(task, team, hopeless)})`)
		.join(', ');
