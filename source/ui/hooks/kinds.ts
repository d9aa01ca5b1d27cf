import type {ComponentType} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {KeyRow} from '../keymap/row.ts';
import type {Behaviour, PageContent} from '../state/descriptor.ts';
import {type Context, say, type Updated, unchanged} from '../state/message.ts';
import type {Page} from '../state/pages.ts';
import type {Dialog, ViewState, Wanted} from '../state/state.ts';
import type {Rect} from '../text/layout.ts';

export type PartProps = {readonly rect: Rect};
export type Part = ComponentType<PartProps>;

/** A key in a dialog: its action, '' for none; its name; its character. */
export type Pressed = {readonly action: string; readonly key: string; readonly text: string};

/** A kind of dialog. Adding one takes its file, a registry row, and its state's shape. */
export type DialogKind<D extends Dialog> = {
	/** At the left of the last row while open. */
	readonly mode: string;
	/** Title of its keys in the help, unless the scope table has one. */
	readonly title?: string;
	readonly keys: readonly KeyRow[];
	/** Its answers are a list with a marker, which keys of lists move. */
	readonly hasMarker?: true;
	/** The room key that opens it and its first state; a sentence if there is nothing to open. */
	readonly opens?: {readonly key: KeyRow; first(state: ViewState, context: Context): D | string};
	update(state: ViewState, dialog: D, pressed: Pressed, context: Context): Updated;
	/** Draws it; otherwise it is a line in the last row. */
	readonly Part?: Part;
	/** Scrollable rows that do not fit. */
	overflow?(drawing: Drawing, dialog: D): number;
	/** Of a menu: the first row of each page. */
	starts?(drawing: Drawing, dialog: D): readonly number[];
	/** Takes pasted text; ignored otherwise. */
	paste?(state: ViewState, dialog: D, text: string, context: Context): ViewState;
	/** Whether its current field is a text for agents: pasted paths of files become files that go with it. */
	takesFiles?(state: ViewState): boolean;
	/** Text before the input line in the last row. */
	readonly prompt?: string;
	/** First hint: what can be typed. */
	typed?(dialog: D): string;
	lookups?(dialog: D, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[];
	/** The state without it once its subject is gone; undefined while it continues. */
	over?(state: ViewState, dialog: D, context: Context): ViewState | undefined;
	/** The room action that a key runs from it, closing it; '' for none. */
	lends?(dialog: D, pressed: Pressed, context: Context): string;
	/** The state after closing, if more changes than the dialog. */
	left?(state: ViewState, context: Context): ViewState;
};

/** A kind of page. */
export type PageKind<P extends Page> = Behaviour<P> & {
	/** At the left of the last row. */
	readonly word: string;
	/** Title of its keys in the help, unless the scope table has one. */
	readonly title?: string;
	readonly keys: readonly KeyRow[];
	/** The room key that toggles it, and its first state; a sentence if it cannot be shown. */
	readonly opens?: {readonly key: KeyRow; first(state: ViewState, context: Context): P | string};
	/** Orders of its own keys, by action. */
	readonly orders: Readonly<Record<string, (state: ViewState, page: P, context: Context) => Updated>>;
	/** The page after a change, with what follows from it; also while another page covers it. */
	kept?(page: P, state: ViewState, context: Context): P;
	/** Known before drawing: top row, scrolling, click targets, shown pane. */
	content(drawing: Drawing, page: P): PageContent;
	/** Draws it below its top row. */
	readonly Part: Part;
	/** Of what panes print it shows their cells and nothing else, which are painted without it. */
	readonly isOfCells?: true;
	/** Why a room key is unavailable while it is open; '' if available. */
	refuses?(action: string, context: Context): string;
};

/** A dialog of a few answers: `close` closes it, unknown keys change nothing. */
export const answered =
	<D extends Dialog>(answer: (closed: ViewState, dialog: D, action: string, context: Context, state: ViewState) => Updated | undefined) =>
	(state: ViewState, dialog: D, {action}: Pressed, context: Context): Updated => {
		const closed = {...state, dialog: undefined, offer: undefined};
		return action === 'close' ? unchanged(closed) : (answer(closed, dialog, action, context, state) ?? unchanged(state));
	};

/** Closes the dialog and says why. */
export const closedBecause = (state: ViewState, text: string, {now}: Context): ViewState => say({...state, dialog: undefined}, text, now);
