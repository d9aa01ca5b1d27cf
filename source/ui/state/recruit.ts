import type {RoomSnapshot} from '../../store/room.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';

/** A kind of agent that can be added: a role with the program that it runs, and how many of it there are. */
export type Recruit = {readonly role: string; readonly harness: string; readonly count: number};

/** The kinds of agents that this room's team has; what the room runs itself is none. */
export const recruits = ({team, room}: RoomSnapshot): readonly Recruit[] => {
	const own = [...team.agents.values()].filter(
		agent => agent.room === room.id && agent.harness !== '' && !['test', 'merge', 'room'].includes(agent.harness),
	);
	const kinds = Map.groupBy(own, ({role, harness}) => `${role} ${harness}`);
	return [...kinds.values()].flatMap(agents => {
		const [first] = agents;
		const count = agents.filter(({status}) => status !== 'stopped').length;
		return first ? [{role: first.role, harness: first.harness, count}] : [];
	});
};

/** `N`: who shall join. */
export const openRecruit = (state: ViewState, context: Context): Updated =>
	recruits(context.snapshot).length > 0
		? unchanged({...state, dialog: {kind: 'recruit', index: 0}})
		: refuse(state, 'This room has no agents whose like could join: `team` in agent-room.yaml names them.', context);

export const updateRecruit = (
	state: ViewState,
	dialog: {readonly kind: 'recruit'; readonly index: number},
	action: string,
	{snapshot}: Context,
): Updated => {
	const kinds = recruits(snapshot);
	const step = action === 'next' ? 1 : action === 'previous' ? -1 : 0;
	if (step !== 0) return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(kinds.length - 1, dialog.index + step))}});
	const chosen = action === 'choose' ? kinds[dialog.index] : undefined;
	if (!chosen) return unchanged(state);
	return and({...state, dialog: undefined}, {type: 'dispatch', action: {type: 'add-agent', role: chosen.role, harness: chosen.harness}});
};
