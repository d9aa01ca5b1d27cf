import type {Agent} from '../../core/agent.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {openCost} from './cost.ts';
import type {Dialog} from './dialogs.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';

/** A freeze longer than this, ms, costs connections of agents to their services: ending their turns is offered instead. */
export const LONG_FREEZE_MS = 5 * 60_000;

/** Agents that a freeze holds and that could go on: those at work first, without whoever was paused by name. */
export const thawable = ({team}: RoomSnapshot): readonly Agent[] =>
	[...team.agents.values()]
		.filter(({paused, status}) => !paused && status !== 'stopped' && status !== 'dead')
		.sort((a, b) => Number(b.task !== '') - Number(a.task !== '') || a.id.localeCompare(b.id, 'en', {numeric: true}));

/** The card of what is frozen, since the freeze of the record. */
export const openFrozen = (state: ViewState, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	const frozen = snapshot.team.events.findLast(({controlFields}) => controlFields.frozen === '1');
	return {...state, dialog: {kind: 'frozen', at: frozen ? frozen.at - snapshot.clockOffset : now}};
};

/** The card of a freeze: all go on, some do, their turns end, or they are killed. */
export const updateFrozen = (
	state: ViewState,
	{at}: Extract<Dialog, {kind: 'frozen'}>,
	action: string,
	{snapshot, now}: Context,
): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'resume') return and(closed, {type: 'dispatch', action: {type: 'freeze', on: false}});
	if (action === 'some' && thawable(snapshot).length > 0) return unchanged({...state, dialog: {kind: 'thaw', marked: [], index: 0, at}});
	if (action === 'interrupt' && now - at >= LONG_FREEZE_MS) return and(closed, {type: 'dispatch', action: {type: 'interrupt-all'}});
	if (action === 'cost') return unchanged(openCost(state));
	return unchanged(action === 'kill' ? {...state, dialog: {kind: 'kill-all'}} : state);
};

/** The choice of who goes on: what is marked, or else the row itself. */
export const updateThaw = (state: ViewState, dialog: Extract<Dialog, {kind: 'thaw'}>, action: string, context: Context): Updated => {
	const agents = thawable(context.snapshot);
	const index = Math.min(dialog.index, agents.length - 1);
	const here = agents[index]?.id ?? '';
	const {marked, at} = dialog;
	if (action === 'next' || action === 'previous') {
		const to = Math.max(0, Math.min(agents.length - 1, index + (action === 'next' ? 1 : -1)));
		return unchanged({...state, dialog: {...dialog, index: to}});
	}
	if (action === 'mark' && here) {
		const next = marked.includes(here) ? marked.filter(id => id !== here) : [...marked, here];
		return unchanged({...state, dialog: {...dialog, marked: next}});
	}
	if (action !== 'resume') return unchanged(action === 'close' ? {...state, dialog: {kind: 'frozen', at}} : state);
	const chosen = marked.filter(id => agents.some(agent => agent.id === id));
	const going = chosen.length > 0 ? chosen : [here].filter(Boolean);
	return going.length > 0
		? and({...state, dialog: undefined}, {type: 'dispatch', action: {type: 'resume-only', agents: going}})
		: refuse(state, 'There is no agent that could go on.', context);
};
