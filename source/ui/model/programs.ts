import type {RoomSnapshot} from '../../store/room.ts';

/** Whether somebody reads what is typed into the pane of an agent: between tasks, after its end and in other rooms nobody does. */
export const hasProgram = (agent: string, {panes}: RoomSnapshot): boolean => panes.get(agent)?.isRunning ?? false;
