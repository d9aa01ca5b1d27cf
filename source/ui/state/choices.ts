import type {Action} from '../../core/action.ts';
import {agentName} from '../../core/agent.ts';
import type {Brake} from '../../core/brake.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {parseLeader} from '../../terminal/leader.ts';
import {reassignChoices} from './candidates.ts';
import {updateCopy} from './clip.ts';
import {confirmed, doAll} from './confirm.ts';
import type {Dialog} from './dialogs.ts';
import {typeInto} from './focus.ts';
import {updateFrozen, updateThaw} from './frozen.ts';
import {withoutMarks} from './marks.ts';
import {updateRecruit} from './recruit.ts';
import {updateSettings} from './settings.ts';
import {and, type Command, type Context, say, type Updated, unchanged, type ViewState} from './state.ts';

type Choice = Extract<
	Dialog,
	{
		kind:
			| 'stop'
			| 'reassign'
			| 'unlock'
			| 'quit'
			| 'frozen'
			| 'thaw'
			| 'kill-all'
			| 'lesson'
			| 'cancel'
			| 'revert'
			| 'merge'
			| 'confirm'
			| 'copy'
			| 'recruit'
			| 'settings';
	}
>;

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
			return stop(closed, [dialog.agent, ...dialog.others], action, context) ?? unchanged(state);
		case 'confirm':
			return action === 'do' ? confirmed(state, dialog) : unchanged(state);
		case 'recruit':
			return updateRecruit(state, dialog, action, context);
		case 'settings':
			return updateSettings(state, dialog, action, context);
		case 'copy':
			return updateCopy(state, dialog, action, context);
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
		case 'revert':
			return action === 'revert' ? and(closed, {type: 'dispatch', action: {type: 'revert-task', task: dialog.task}}) : unchanged(state);
		case 'lesson':
			return action === 'learn' ? learn(closed, dialog.agent, context) : unchanged(state);
	}
};

/** Another key than the way back was tried: on a keyboard that has no such key, it may be the one to take. */
export const otherKey = (key: string, {keymap}: Context): string => {
	const hint = parseLeader(key) ? `; \`keys: {leader: ${key}}\` in your config would make it this one` : '';
	return `That was ${key}. The way back is ${keymap.leader}${hint}.`;
};

const learn = (state: ViewState, agent: string, context: Context): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent, context);
	return and(next, {type: 'learned'}, ...commands);
};

const WORDS: Readonly<Record<string, string>> = {
	interrupt: 'interrupted',
	stop: 'stopped',
	kill: 'killed',
	release: 'given back',
	retire: 'retired',
};

/** What `x` does to one agent, or to all that are marked; undefined for no action of its menu. */
const stop = (closed: ViewState, ids: readonly string[], action: string, {snapshot}: Context): Updated | undefined => {
	const word = WORDS[action];
	const tasks = ids.flatMap(id => snapshot.team.agents.get(id)?.task || []);
	const actions = ids.flatMap((agent): readonly Action[] =>
		action === 'interrupt' || action === 'stop' || action === 'kill' ? [{type: 'stop-agent', agent, how: action}] : [],
	);
	const retired = action === 'retire' ? ids.map((agent): Action => ({type: 'retire-agent', agent})) : [];
	const released = action === 'release' ? tasks.map((task): Action => ({type: 'release-task', task})) : [];
	if (word === undefined || actions.length + released.length + retired.length === 0) return undefined;
	return doAll(withoutMarks(closed), [...actions, ...released, ...retired], word);
};

const reassign = (state: ViewState, dialog: Extract<Choice, {kind: 'reassign'}>, action: string, {snapshot}: Context): Updated => {
	const tasks = [dialog.task, ...dialog.others];
	const choices = reassignChoices(tasks, snapshot);
	const at = Math.max(
		0,
		choices.findIndex(({agent}) => agent.id === dialog.chosen),
	);
	const closed = {...state, dialog: undefined};
	if (action === 'next' || action === 'previous') {
		const to = choices[Math.min(choices.length - 1, Math.max(0, at + (action === 'next' ? 1 : -1)))];
		return unchanged(to ? {...state, dialog: {...dialog, chosen: to.agent.id}} : state);
	}
	const {agent} = choices[at] ?? {};
	if (action !== 'choose' || !agent) return unchanged(state);
	const actions = tasks.map((task): Action => ({type: 'reassign-task', task, agent: agent.id}));
	return doAll(withoutMarks(closed), actions, `given to ${agentName(agent.id)}`);
};
