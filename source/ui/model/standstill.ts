import {roleWord} from '../../core/agent/role-label.ts';
import {usedText} from '../../core/cost/budget.ts';
import {awayFrom, isOverBudget, tellAway} from '../../core/queue/why.ts';
import {stageRole} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {stuck} from './queue.ts';
import {remember} from './time.ts';

/** Why work that is ready does not start, and the keys of the actions that change it. */
export type Standstill = {
	/** For the header: `BUDGET REACHED`. */
	readonly word: string;
	readonly text: string;
	readonly keys?: {readonly actions: readonly string[]; readonly does: string};
};

/** So many waiting reviews a reviewer, while developers are idle, are called a bottleneck. */
const MANY_REVIEWS = 4;

const bottleneck = (ready: readonly Task[], {agents}: RoomSnapshot['team']): Standstill | undefined => {
	const team = [...agents.values()].filter(({status}) => status !== 'stopped');
	const reviewers = team.filter(({role}) => role === stageRole('review')).length;
	const waiting = ready.filter(({stage}) => stage === 'review').length;
	const isIdle = team.some(({role, status}) => role === 'developer' && status === 'idle');
	if (reviewers === 0 || !isIdle || waiting < MANY_REVIEWS * reviewers) return undefined;
	const text = `${waiting} tasks wait for ${reviewers} ${roleWord(stageRole('review'))}${reviewers === 1 ? '' : 's'}.`;
	return {word: `${waiting} WAIT FOR REVIEW`, text, keys: {actions: ['add-agent'], does: 'adds an agent.'}};
};

/**
 * The one reason why nothing moves although tasks are ready; undefined where something does, or an order (freeze, pause, drain) says it
 * already. `now` is server time.
 */
export const standstill = remember((snapshot): Standstill | undefined => {
	const {tasks, control} = snapshot.team;
	if (control.recovery || control.frozen || control.paused || control.drained) return undefined;
	const ready = [...tasks.values()].filter(({state, decision, waitReason}) => state === 'ready' && !decision && !waitReason);
	const [first] = ready;
	if (!first) return undefined;
	const {remoteAway} = snapshot;
	if (remoteAway && ready.some(task => awayFrom(task, snapshot) !== ''))
		return {word: 'REMOTE AWAY', text: `${remoteAway.why}: ${tellAway(remoteAway)}.`};
	if (ready.some(task => isOverBudget(task, snapshot.team)))
		return {
			word: 'BUDGET REACHED',
			text: `No new work starts: ${usedText(control)}.`,
			keys: {actions: ['cost', 'cost.budget'], does: 'raises the budget.'},
		};
	const reasons = ready.map(task => stuck(task, snapshot));
	const untested = reasons.find(reason => reason === 'no test command');
	if (untested) return {word: 'NO TEST COMMAND', text: 'Nothing merges: set `test:` in agent-room.yaml, then restart the room.'};
	const [why = ''] = reasons;
	if (reasons.every(reason => reason !== ''))
		return {
			word: why.startsWith('no ') ? why.replace(/ (in the team|has the capability .*)$/, '').toUpperCase() : 'NO AGENT',
			text: `No task can start: ${why}.`,
			keys: {actions: ['add-agent'], does: 'adds an agent.'},
		};
	return bottleneck(ready, snapshot.team);
});
