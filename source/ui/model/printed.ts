import type {PaneInfo, RoomSnapshot} from '../../store/room.ts';

const isSamePane = (before: PaneInfo | undefined, next: PaneInfo): boolean =>
	before !== undefined &&
	before.columns === next.columns &&
	before.rows === next.rows &&
	before.isRunning === next.isRunning &&
	before.elsewhere?.isShown === next.elsewhere?.isShown &&
	before.elsewhere?.isTypingOff === next.elsewhere?.isTypingOff &&
	before.elsewhere?.problem === next.elsewhere?.problem;

/** Whether the second snapshot has no news but what panes have printed: their last lines, when, and how much. */
export const hasOnlyPrinted = (before: RoomSnapshot, next: RoomSnapshot): boolean => {
	const keys = Object.keys(next) as readonly (keyof RoomSnapshot)[];
	return (
		keys.length === Object.keys(before).length &&
		keys.every(key => key === 'panes' || before[key] === next[key]) &&
		before.panes.size === next.panes.size &&
		[...next.panes].every(([agent, pane]) => isSamePane(before.panes.get(agent), pane))
	);
};
