import {agentName} from '../../core/agent/agent.ts';
import {whyNotRunning} from '../../core/queue/why.ts';
import {createEstimator, type Estimate} from '../../core/task/estimate.ts';
import {parseTask, type Task} from '../../core/task/task.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {lookNow} from './status-styles.ts';
import {age, remember} from './time.ts';

/** `~14m  ~$0.90  (median of 12 developer tasks, p90 $1.70)`, from similar tasks. */
export const estimateText = (estimate: Estimate | undefined): string => {
	if (!estimate) return 'no estimate until the first tasks finish';
	const {ms, micros, msHigh, microsHigh, count, like} = estimate;
	const amounts = [...(ms > 0 ? [`~${age(ms)}`] : []), ...(micros > 0 ? [`~${dollars(micros)}`] : [])];
	const high = micros > 0 ? dollars(microsHigh) : age(msHigh);
	return `${amounts.join('  ')}  (median of ${count} ${like}, p90 ${high})`;
};

/** What planning a feature costs, from earlier ones: their time includes that of their tasks. */
export const planningText = (estimate: Estimate | undefined): string => {
	if (!estimate || estimate.micros === 0) return 'one attempt of the Planner; no estimate until the first features finish';
	return `~${dollars(estimate.micros)}  (median of ${estimate.count} features, p90 ${dollars(estimate.microsHigh)})`;
};

/** What happens after the plan, and how many agents will work on its tasks. */
export const afterPlanText = ({team, settings}: Pick<RoomSnapshot, 'team' | 'settings'>): string => {
	const plan = settings.values.find(({name}) => name === 'plan');
	const isAuto = (plan?.holds ?? plan?.value) === 'auto';
	const agents = [...team.agents.values()].filter(({status}) => status !== 'stopped');
	const many = (role: string, word: string): readonly string[] => {
		const count = agents.filter(agent => agent.role === role).length;
		return count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`];
	};
	const workers = [...many('developer', 'developer'), ...many('code-sentinel', 'reviewer')].join(' and ') || 'no agent';
	return isAuto
		? `then, without your approval (\`plan: auto\`), up to ${workers} work on its tasks`
		: `then you approve the plan; only after that up to ${workers} work on its tasks`;
};

export type Planned = {
	readonly needs: readonly string[];
	readonly after: readonly string[];
	readonly paths: readonly string[];
	readonly agent: string;
	readonly priority: number;
};

const asTask = ({needs, after, paths, agent, priority}: Planned, waits: number): Task =>
	parseTask('', {
		title: '',
		state: waits > 0 ? 'blocked' : 'ready',
		needs: needs.join(','),
		after: after.join(','),
		paths: paths.join(','),
		assigned: agent,
		priority: String(priority),
		waits: String(waits),
	});

/** When it would start: now and by whom, or what it waits for. `now` is server time, epoch ms. */
export const startText = (planned: Planned, snapshot: RoomSnapshot, now: number): string => {
	const {team} = snapshot;
	const waits = planned.after.filter(id => team.tasks.get(id)?.state !== 'merged').length;
	const task = asTask(planned, waits);
	const why = whyNotRunning(task, team, now, snapshot);
	if (why !== '' && why !== 'ready' && !why.startsWith('assigned to')) return why.startsWith('waits') ? why : `waits: ${why}`;
	const able = [...team.agents.values()].filter(
		agent =>
			agent.role === task.role &&
			(planned.agent === '' ? task.needs.every(need => agent.capabilities.includes(need)) : agent.id === planned.agent),
	);
	const free = able.find(agent => lookNow(agent, team, now) === 'idle' && agent.status !== 'stopped');
	return free ? `can start now: no lock conflict, ${agentName(free.id)} is idle` : why || 'waits for an idle developer';
};

/** Estimates from merged tasks, rebuilt when the tasks change. */
export const estimator = remember(({team}) => createEstimator(team.tasks.values()));
