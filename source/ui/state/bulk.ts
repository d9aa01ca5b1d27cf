import {type Agent, agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import {counted} from '../../core/text/format.ts';
import {markedRows} from './marks.ts';
import {type Context, refuse, type Updated, unchanged} from './message.ts';
import type {Confirm} from './open.ts';
import {canRetry} from './rows.ts';
import type {ViewState} from './state.ts';

/** Agents and tasks of the marked rows: an agent's task, a task's agent. */
export const markedThings = (
	state: ViewState,
	{snapshot}: Pick<Context, 'snapshot'>,
): {readonly agents: readonly Agent[]; readonly tasks: readonly Task[]} => {
	const {agents, tasks} = snapshot.team;
	const ids = markedRows(state);
	const found = ids.map(id => agents.get(id) ?? tasks.get(id.replace(/^task:/, '')));
	return {
		agents: [...new Set(found.flatMap(thing => (thing && 'harness' in thing ? thing : agents.get(thing?.owner ?? '')) ?? []))],
		tasks: found.flatMap(thing => {
			const task = thing && 'harness' in thing ? tasks.get(thing.task) : thing;
			return task ? [task] : [];
		}),
	};
};

const NOBODY = 'No running agent is marked.';
const isPaused = (agent: Agent): boolean => agent.paused || agent.status === 'paused' || agent.status === 'logged-out';
export const pauseAction = (agent: Agent): Action => ({type: isPaused(agent) ? 'resume-agent' : 'pause-agent', agent: agent.id});

const ask = (given: Omit<Confirm, 'kind' | 'facts'> & Partial<Pick<Confirm, 'facts'>>): Confirm => ({kind: 'confirm', facts: [], ...given});

/** Pauses all unless all are paused; then resumes all. */
const pauseAll = (agents: readonly Agent[]): Confirm | string => {
	if (agents.length === 0) return NOBODY;
	const going = agents.filter(agent => !isPaused(agent));
	const about = going.length > 0 ? going : agents;
	const verb = going.length > 0 ? 'Pause' : 'Resume';
	return ask({
		title: `${verb} ${counted(about.length, 'agent')}?`,
		question: `${verb} ${counted(about.length, 'agent')}?`,
		names: about.map(({id}) => agentName(id)),
		facts: going.length > 0 ? [['what happens', 'running turns pause; nothing is lost']] : [],
		order: verb === 'Pause' ? 'pause' : 'resume',
		word: verb === 'Pause' ? 'paused' : 'resumed',
		actions: about.map(pauseAction),
	});
};

const cancelAll = (tasks: readonly Task[]): Confirm | string => {
	const about = tasks.filter(({state}) => !FINAL_STATES.includes(state) || state === 'failed');
	if (about.length === 0) return 'No marked task can be cancelled.';
	return ask({
		title: `Cancel ${counted(about.length, 'task')}?`,
		question: `Cancel ${counted(about.length, 'task')}? This cannot be undone.`,
		names: about.map(({id}) => id),
		facts: [
			['kept', 'the work on its branches'],
			['lost', 'their places in the queue'],
		],
		order: 'cancel',
		word: 'cancelled',
		actions: about.map(({id}) => ({type: 'cancel-task', task: id})),
	});
};

const againAll = (tasks: readonly Task[]): Confirm | string => {
	const failed = tasks.filter(({state}) => state === 'failed');
	const living = tasks.filter(canRetry);
	const about = [...failed, ...living];
	if (about.length === 0) return 'No marked task can be retried or restarted.';
	return ask({
		title: `Retry or restart ${counted(about.length, 'task')}?`,
		question: `Retry or restart ${counted(about.length, 'task')}?`,
		names: about.map(({id}) => id),
		facts: [
			...(failed.length > 0 ? [['retried', `${failed.map(({id}) => id).join(', ')}: all attempts again`] as const] : []),
			...(living.length > 0
				? [['restarted', `${living.map(({id}) => id).join(', ')}: clean worktree, running agents are stopped`] as const]
				: []),
			['kept', 'the work on its branches'],
		],
		order: 'restart',
		word: 'restart',
		actions: about.map(({id, state}) => ({type: state === 'failed' ? ('retry-task' as const) : ('restart-task' as const), task: id})),
	});
};

/** Orders for all marked rows by room action, with one confirmation. */
const MANY: Readonly<Record<string, (things: ReturnType<typeof markedThings>) => Confirm | string>> = {
	pause: ({agents}) => pauseAll(agents),
	cancel: ({tasks}) => cancelAll(tasks),
	retry: ({tasks}) => againAll(tasks),
};

/** An action's order for marked rows; undefined if it applies to the selected row anyway. */
export const forMany = (state: ViewState, action: string, context: Context): Updated | undefined => {
	if (markedRows(state).length === 0 || (action === 'retry' && !context.snapshot.redis.isConnected)) return undefined;
	const things = markedThings(state, context);
	const asked = MANY[action]?.(things);
	if (asked !== undefined) return typeof asked === 'string' ? refuse(state, asked, context) : unchanged({...state, dialog: asked});
	if (action === 'stop') {
		const [first, ...others] = things.agents;
		if (!first) return refuse(state, NOBODY, context);
		return unchanged({...state, dialog: {kind: 'stop', agent: first.id, others: others.map(({id}) => id)}});
	}
	return undefined;
};

export const retryQuestion = (task: Task, base: string): Confirm =>
	ask({
		title: 'Restart task?',
		question: `Restart ${task.id} ${task.title} from ${base}?`,
		names: [],
		facts: [
			[
				'what happens',
				task.state === 'leased'
					? `${agentName(task.owner)} is stopped; the next attempt gets a new worktree`
					: 'the next attempt gets a new worktree',
			],
			['kept', task.branch ? `branch ${task.branch} with all its commits` : 'no work yet'],
			['not used', 'the work so far'],
		],
		order: 'restart',
		word: 'restarted',
		actions: [{type: 'restart-task', task: task.id}],
	});
