import {dollars} from '../../core/text/format.ts';
import type {PaneAge} from '../../core/text/screen.ts';
import type {PaneInfo, RoomSnapshot} from '../../store/room.ts';
import type {Keymap} from '../keymap/keymap.ts';
import {serverNow} from '../model/time.ts';
import type {ViewState} from '../state/state.ts';
import type {Layout} from '../text/layout.ts';

/** All input of drawing, which changes nothing and reads no clock. */
export type Drawing = {
	readonly state: ViewState;
	readonly snapshot: RoomSnapshot;
	readonly layout: Layout;
	readonly keymap: Keymap;
	readonly now: number;
	readonly isAscii: boolean;
	/** Undefined if no pane is shown. */
	readonly paneAge: PaneAge | undefined;
	/** The last non-blank lines of a pane, oldest first. */
	tail(agent: string, lines: number): readonly string[];
};

/** Caches by drawing: several surfaces of one picture ask. */
export const once = <T>(make: (drawing: Drawing) => T): ((drawing: Drawing) => T) => {
	const made = new WeakMap<Drawing, {readonly value: T}>();
	return drawing => {
		const known = made.get(drawing) ?? {value: make(drawing)};
		made.set(drawing, known);
		return known.value;
	};
};

/** Caches by drawing and item, such as the top page. */
export const onceFor = <Of, T>(make: (drawing: Drawing, of: Of) => T): ((drawing: Drawing, of: Of) => T) => {
	const made = new WeakMap<Drawing, {readonly of: Of; readonly value: T}>();
	return (drawing, of) => {
		const known = made.get(drawing);
		if (known?.of === of) return known.value;
		const value = make(drawing, of);
		made.set(drawing, {of, value});
		return value;
	};
};

export const teamNow = ({snapshot, now}: Drawing): number => serverNow(snapshot, now);

export const paneOf = ({snapshot}: Drawing, agent: string): PaneInfo | undefined => snapshot.panes.get(agent);

/** `$18.42 of $50`, or `$18.42/50`, with cost or budget and if there is room. */
export const moneyText = ({snapshot, layout}: Drawing): string => {
	const {spent, budget} = snapshot.team.control;
	if (layout.columns < 80 || (spent === 0 && budget === 0)) return '';
	const most = Number((budget / 1_000_000).toFixed(2));
	return `${dollars(spent)}${budget > 0 ? `${layout.columns >= 120 ? ` of $${most}` : `/${most}`}${spent >= budget ? '!' : ''}` : ''}`;
};
