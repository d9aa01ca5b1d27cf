import {type Agent, agentName} from '../../core/agent.ts';
import type {Brake} from '../../core/brake.ts';
import {stageRole} from '../../core/pipeline.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {parseLeader} from '../../terminal/leader.ts';
import {LOOK_ORDER, lookOf} from '../model/looks.ts';
import type {Dialog} from './dialogs.ts';
import {typeInto} from './focus.ts';
import {updateFrozen, updateThaw} from './frozen.ts';
import {and, type Command, type Context, say, type Updated, unchanged, type ViewState} from './state.ts';

type Choice = Extract<
	Dialog,
	{kind: 'stop' | 'reassign' | 'unlock' | 'quit' | 'frozen' | 'thaw' | 'kill-all' | 'lesson' | 'cancel' | 'merge'}
>;

/** Agents that could take a task: of the role that its stage needs, without who holds it; the idle first, the dead not at all. */
export const reassignChoices = (id: string, snapshot: RoomSnapshot): readonly Agent[] => {
	const task = snapshot.team.tasks.get(id);
	if (!task) return [];
	const role = task.stage === 'develop' ? task.role : stageRole(task.stage);
	const covers = (agent: Agent): boolean => task.needs.every(need => agent.capabilities.includes(need));
	return [...snapshot.team.agents.values()]
		.filter(
			agent => agent.role === role && agent.id !== task.owner && agent.status !== 'stopped' && lookOf(agent) !== 'dead' && covers(agent),
		)
		.sort((a, b) => LOOK_ORDER.indexOf(lookOf(b)) - LOOK_ORDER.indexOf(lookOf(a)) || a.id.localeCompare(b.id, 'en', {numeric: true}));
};

export const lift = (account: string): Command => ({type: 'dispatch', action: {type: 'unbrake', account}});

/** Accounts that are told to wait now. */
export const brakesNow = ({team, clockOffset}: RoomSnapshot, now: number): readonly Brake[] =>
	team.control.brakes.filter(({at, until}) => now + clockOffset >= at && now + clockOffset < until);

/** Keys of the dialogs that offer a few letters; what is safe is the default, and nothing here is deleted. */
export const updateChoice = (state: ViewState, dialog: Choice, action: string, context: Context): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'close' && dialog.kind !== 'thaw') return unchanged(closed);
	switch (dialog.kind) {
		case 'stop':
			if (action !== 'interrupt' && action !== 'stop' && action !== 'kill') return unchanged(state);
			return and(closed, {type: 'dispatch', action: {type: 'stop-agent', agent: dialog.agent, how: action}});
		case 'reassign':
			return reassign(state, dialog, action, context);
		case 'unlock':
			return action === 'unlock' ? and(closed, {type: 'dispatch', action: {type: 'unlock', name: dialog.name}}) : unchanged(state);
		case 'quit':
			if (action === 'detach') return and(closed, {type: 'detach'});
			if (action === 'wind-down') return and(closed, {type: 'dispatch', action: {type: 'stop-room', how: 'turns'}});
			if (action === 'stop')
				return and(say(closed, 'Stopping: agents are asked to end, their work is saved…', context.now), {type: 'stop', how: 'now'});
			return action === 'kill'
				? and(say(closed, 'Killing the agents: what they wrote is saved…', context.now), {type: 'stop', how: 'kill'})
				: unchanged(state);
		case 'frozen':
			return updateFrozen(state, dialog, action, context);
		case 'thaw':
			return updateThaw(state, dialog, action, context);
		case 'kill-all':
			return action === 'kill' ? and(closed, {type: 'dispatch', action: {type: 'kill-all'}}) : unchanged(state);
		case 'cancel':
			return action === 'cancel' ? and(closed, {type: 'dispatch', action: {type: 'cancel-task', task: dialog.task}}) : unchanged(state);
		case 'merge':
			return action === 'merge' ? and(closed, {type: 'dispatch', action: {type: 'merge-task', task: dialog.task}}) : unchanged(state);
		case 'lesson':
			return action === 'learn' ? learn(closed, dialog.agent) : unchanged(state);
	}
};

/** Another key than the way back was tried: on a keyboard that has no such key, it may be the one to take. */
export const otherKey = (key: string, {keymap}: Context): string => {
	const hint = parseLeader(key) ? `; \`keys: {leader: ${key}}\` in your config would make it this one` : '';
	return `That was ${key}. The way back is ${keymap.leader}${hint}.`;
};

const learn = (state: ViewState, agent: string): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent);
	return and(next, {type: 'learned'}, ...commands);
};

const reassign = (state: ViewState, dialog: Extract<Choice, {kind: 'reassign'}>, action: string, {snapshot}: Context): Updated => {
	const choices = reassignChoices(dialog.task, snapshot);
	const at = Math.max(
		0,
		choices.findIndex(agent => agent.id === dialog.chosen),
	);
	const closed = {...state, dialog: undefined};
	if (action === 'next' || action === 'previous') {
		const to = choices[Math.min(choices.length - 1, Math.max(0, at + (action === 'next' ? 1 : -1)))];
		return unchanged(to ? {...state, dialog: {...dialog, chosen: to.id}} : state);
	}
	const agent = choices[at];
	if (action !== 'choose' || !agent) return unchanged(state);
	return and(closed, {type: 'dispatch', action: {type: 'reassign-task', task: dialog.task, agent: agent.id}});
};

/** Words beside an agent that could take the task. */
export const choiceText = (agent: Agent): string => {
	const look = lookOf(agent);
	return look === 'idle'
		? `${agentName(agent.id)}  idle`
		: `${agentName(agent.id)}  ${look}${agent.task ? ` on ${agent.task}` : ''}: takes it next`;
};
