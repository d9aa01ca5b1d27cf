import type {ComponentType} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {KeyRow} from '../keymap/row.ts';
import type {Behaviour, PageContent} from '../state/descriptor.ts';
import {type Context, say, type Updated, unchanged} from '../state/message.ts';
import type {Page} from '../state/pages.ts';
import type {Dialog, ViewState, Wanted} from '../state/state.ts';
import type {Rect} from '../text/layout.ts';

/** What every component of a surface is told: where it stands, and so how large it is. */
export type PartProps = {readonly rect: Rect};
export type Part = ComponentType<PartProps>;

/** A key in a dialog: its action there, '' for none; its name; and the character that it writes. */
export type Pressed = {readonly action: string; readonly key: string; readonly text: string};

/** All that a kind of dialog is: adding one is its file, its row in the registry, and the shape of its state. */
export type DialogKind<D extends Dialog> = {
	/** At the far left of the last row while it is open. */
	readonly mode: string;
	/** What its keys are listed under in the help, where the table of scopes does not say it. */
	readonly title?: string;
	readonly keys: readonly KeyRow[];
	/** A key of the room that opens it, and how it starts; a sentence where there is nothing to open. */
	readonly opens?: {readonly key: KeyRow; first(state: ViewState, context: Context): D | string};
	update(state: ViewState, dialog: D, pressed: Pressed, context: Context): Updated;
	/** What draws it; without it it is a line in the last row. */
	readonly Part?: Part;
	/** Rows of what it scrolls that do not fit. */
	overflow?(drawing: Drawing, dialog: D): number;
	/** Of a menu: the first row of each of its pages. */
	starts?(drawing: Drawing, dialog: D): readonly number[];
	/** Takes text that was pasted; without it nothing does. */
	paste?(state: ViewState, dialog: D, text: string, context: Context): ViewState;
	/** What stands before the line that is written in the last row. */
	readonly prompt?: string;
	/** What can be written there, as the first hint. */
	typed?(dialog: D): string;
	/** What it reads next to the snapshot. */
	lookups?(dialog: D, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[];
	/** The state without it, where what it is about is over; undefined as long as that continues. */
	over?(state: ViewState, dialog: D, context: Context): ViewState | undefined;
	/** The room's action that a key runs from it, which closes it; '' for none. */
	lends?(dialog: D, pressed: Pressed, context: Context): string;
	/** The state as it is left then, where more than the dialog goes. */
	left?(state: ViewState, context: Context): ViewState;
};

/** All that a kind of page is. */
export type PageKind<P extends Page> = Behaviour<P> & {
	/** At the far left of the last row. */
	readonly word: string;
	/** What its keys are listed under in the help, where the table of scopes does not say it. */
	readonly title?: string;
	readonly keys: readonly KeyRow[];
	/** A key of the room that opens it and leaves it, and how it starts. */
	readonly opens?: {readonly key: KeyRow; first(state: ViewState, context: Context): P};
	/** What keys of its own scope do, by action. */
	readonly orders: Readonly<Record<string, (state: ViewState, page: P, context: Context) => Updated>>;
	/** What is known of it before it is drawn: its top row, what scrolls, what can be pointed at, and whose pane is shown. */
	content(drawing: Drawing, page: P): PageContent;
	/** What draws it below its top row. */
	readonly Part: Part;
	/** Why a key of the room does nothing while it is open; '' if it does. */
	refuses?(action: string, context: Context): string;
};

/** A dialog of a few answers: `close` closes it, and what it does not know changes nothing. */
export const answered =
	<D extends Dialog>(answer: (closed: ViewState, dialog: D, action: string, context: Context, state: ViewState) => Updated | undefined) =>
	(state: ViewState, dialog: D, {action}: Pressed, context: Context): Updated => {
		const closed = {...state, dialog: undefined};
		return action === 'close' ? unchanged(closed) : (answer(closed, dialog, action, context, state) ?? unchanged(state));
	};

/** The state without its dialog, and why. */
export const closedBecause = (state: ViewState, text: string, {now}: Context): ViewState => say({...state, dialog: undefined}, text, now);
