import type {EventFilter} from '../../core/event/words.ts';
import type {Action} from '../../core/protocol/action.ts';
import type {WholeTask} from '../../core/task/task.ts';
import type {Direction, EventPage, PastRoom, Target} from '../../store/history.ts';
import type {Inspection, RoomSnapshot} from '../../store/room.ts';
import type {Keymap} from '../keymap/keymap.ts';
import type {Layout} from '../text/layout.ts';
import type {PaneText} from './scroll.ts';
import type {ViewState} from './state.ts';

export type Command =
	| {readonly type: 'dispatch'; readonly action: Action}
	/** Many at once with one report: `3 paused, 1 was gone`. */
	| {readonly type: 'dispatch-all'; readonly actions: readonly Action[]; readonly word: string}
	| {readonly type: 'web'; readonly task: string}
	| {readonly type: 'trial'; readonly task: string}
	/** Type into this agent's pane, or return to the room with ''. */
	| {readonly type: 'type'; readonly agent: string}
	| {readonly type: 'redraw'}
	| {readonly type: 'switched'}
	/** Read a task in full; answered by `read`. */
	| {readonly type: 'read'; readonly task: string; readonly version: string}
	/** Look up a detail of a task; answered by `looked`. */
	| {readonly type: 'look'; readonly what: keyof Inspection; readonly task: string}
	/** Open a text in the user's editor; answered by `edited`. */
	| {readonly type: 'edit'; readonly name: string; readonly text: string}
	| {readonly type: 'forget'; readonly name: string}
	/** Read the repository's file names; answered by `files`. */
	| {readonly type: 'files'}
	/** Keep copies of the files of which a paste consists; answered by `kept`. */
	| {readonly type: 'keep-files'; readonly paths: readonly string[]; readonly paste: string}
	/** Save the state for the user's next view. */
	| {readonly type: 'keep'}
	| {readonly type: 'page'; readonly log: string}
	/** Copy a text to the clipboard; `what` names it in the answer: `the id t-3`. */
	| {readonly type: 'copy'; readonly text: string; readonly what: string}
	/** Open an address in the browser, or copy it if there is none. */
	| {readonly type: 'browse'; readonly url: string}
	| {readonly type: 'work'; readonly tool: 'shell' | 'trial' | 'editor'; readonly path: string}
	/** Suspend the terminal until `fg`. */
	| {readonly type: 'suspend'}
	/** Show a text in the user's editor; no answer. */
	| {readonly type: 'open-text'; readonly name: string; readonly text: string}
	/** Read events beyond one; answered by `entries`. */
	| {readonly type: 'entries'; readonly from: string; readonly direction: Direction; readonly filter: EventFilter}
	/** Show the room at a past moment; answered by `looked-back`. */
	| {readonly type: 'look-back'; readonly to: Target; readonly filter: EventFilter}
	/** Send a tick after so many ms. */
	| {readonly type: 'wake'; readonly ms: number}
	/** The user pressed the leader: its hint is no longer needed. */
	| {readonly type: 'hint-seen'}
	| {readonly type: 'detach'}
	| {readonly type: 'stop'; readonly how: 'now' | 'kill'};

export type Updated = {readonly state: ViewState; readonly commands: readonly Command[]};

/** Input of an update. `now` is this machine's clock, epoch ms. */
export type Context = {
	readonly snapshot: RoomSnapshot;
	readonly layout: Layout;
	readonly keymap: Keymap;
	readonly now: number;
	paneOf(agent: string): PaneText | undefined;
	/** Rows that do not fit, for each scrolling part, as it would be drawn. */
	overflow(state: ViewState): Overflow;
};

/** `starts`: the first row of each page of a menu. */
export type Overflow = {readonly page: readonly [number, number]; readonly dialog: number; readonly starts: readonly number[]};

export type Message =
	| {readonly type: 'key'; readonly key: string; readonly text: string}
	| {readonly type: 'paste'; readonly text: string}
	/** What pasted files became in the text; `problem`: why one did not, as a sentence. */
	| {readonly type: 'kept'; readonly text: string; readonly problem: string}
	/** The snapshot changed, or a second has passed. */
	| {readonly type: 'snapshot'}
	| {readonly type: 'painted'}
	/** A click on the top page; `id` is '' for the column alone. */
	| {readonly type: 'choose'; readonly column: string; readonly id: string}
	| {readonly type: 'leader'}
	/** Answer of a dispatch; `code` of a refusal, `ids` of what was created. */
	| {readonly type: 'told'; readonly text: string; readonly isBad: boolean; readonly code?: string; readonly ids?: readonly string[]}
	| {readonly type: 'files'; readonly files: readonly string[]}
	| {readonly type: 'read'; readonly id: string; readonly version: string; readonly task: WholeTask | undefined}
	| {
			readonly type: 'looked';
			readonly what: keyof Inspection;
			readonly task: string;
			readonly value: Inspection[keyof Inspection] | undefined;
	  }
	| {readonly type: 'edited'; readonly name: string; readonly text: string}
	/** The result of a tool, for the attention bar. */
	| {readonly type: 'said'; readonly text: string}
	| {readonly type: 'entries'; readonly direction: Direction; readonly filter: EventFilter; readonly page: EventPage | undefined}
	/** `to` is the same object as in the request. */
	| {readonly type: 'looked-back'; readonly to: Target; readonly past: PastRoom | 'gone' | undefined}
	/** A tool of the user failed or returned nothing. */
	| {readonly type: 'not-edited'; readonly message: string};

export const unchanged = (state: ViewState): Updated => ({state, commands: []});
export const and = (state: ViewState, ...commands: readonly Command[]): Updated => ({state, commands});

const TOAST_MS = 5000;
/** Shows a line in the attention bar for five seconds. */
export const say = (state: ViewState, text: string, now: number, isBad = false): ViewState => ({
	...state,
	toast: {text, isBad, until: now + TOAST_MS},
});
/** Says why something is unavailable. */
export const refuse = (state: ViewState, text: string, {now}: Context): Updated => unchanged(say(state, text, now, true));
