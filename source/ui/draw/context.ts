import type {PaneAge} from '../../core/pane-lines.ts';
import type {PaneInfo, RoomSnapshot} from '../../store/room.ts';
import type {Keymap} from '../keymap.ts';
import type {Layout} from '../layout.ts';
import {serverNow} from '../model/ages.ts';
import type {ViewState} from '../state/state.ts';

/** All that drawing reads. Drawing changes nothing and asks no clock. */
export type Drawing = {
	readonly state: ViewState;
	readonly snapshot: RoomSnapshot;
	readonly layout: Layout;
	readonly keymap: Keymap;
	readonly now: number;
	readonly isAscii: boolean;
	/** How far the shown pane's rows have gone; undefined where no pane is shown. */
	readonly paneAge: PaneAge | undefined;
	/** The last lines of a pane that are not blank, oldest first. */
	tail(agent: string, lines: number): readonly string[];
};

/** The team's clock. */
export const teamNow = ({snapshot, now}: Drawing): number => serverNow(snapshot, now);

export const paneOf = ({snapshot}: Drawing, agent: string): PaneInfo | undefined => snapshot.panes.get(agent);
