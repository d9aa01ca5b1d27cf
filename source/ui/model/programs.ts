import type {RoomSnapshot} from '../../store/room.ts';

/**
 * Whether somebody reads what is typed into the pane of an agent, now or as soon as its task has begun: nobody does between tasks, after its
 * end, and in another room.
 */
export const hasProgram = (agent: string, {panes, team}: RoomSnapshot): boolean => {
	const pane = panes.get(agent);
	return pane !== undefined && (pane.isRunning || (team.agents.get(agent)?.task ?? '') !== '');
};
