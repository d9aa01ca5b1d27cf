import {updateRecruit} from '../dialogs/agents.tsx';
import {cardOverflow} from '../dialogs/card-draw.tsx';
import {changesDialog} from '../dialogs/changes.ts';
import {commentDialog} from '../dialogs/comment.ts';
import {confirmed, updateCopy} from '../dialogs/confirm.ts';
import {costDialog} from '../dialogs/cost-draw.ts';
import {decideDialog} from '../dialogs/decision-draw.ts';
import {formDialog} from '../dialogs/form-draw.ts';
import {frozenDialog, thawDialog, updateFrozen, updateThaw} from '../dialogs/freeze.ts';
import {logDialog} from '../dialogs/log.ts';
import {helpDialog, paletteDialog} from '../dialogs/menu-draw.ts';
import {planDialog} from '../dialogs/plan-draw.ts';
import {type Choice, learn, reassign, stop} from '../dialogs/questions.tsx';
import {settingsDialog, updateSettings} from '../dialogs/settings.ts';
import {writtenDialog} from '../dialogs/write-reason.ts';
import {type Drawing, once} from '../draw/context.ts';
import type {KeyRow} from '../keymap/row.ts';
import {boardBehaviour, boardOrders} from '../pages/board/board.ts';
import {boardPage} from '../pages/board/draw.ts';
import {eventsPage} from '../pages/events/draw.ts';
import {eventsBehaviour, eventsOrders} from '../pages/events/events.ts';
import {locksBehaviour, locksPage} from '../pages/locks/locks.ts';
import {trainPage} from '../pages/merges/draw.ts';
import {trainBehaviour, trainOrders} from '../pages/merges/merges.ts';
import {replayPage} from '../pages/replay/draw.ts';
import {refusalInPast, replayBehaviour, replayOrders} from '../pages/replay/replay.ts';
import {taskPage} from '../pages/task/draw.ts';
import {taskBehaviour, taskPageOrders} from '../pages/task/task.ts';
import type {Behaviour, DialogContent, Move, PageContent} from '../state/descriptor.ts';
import {focusOn} from '../state/focus.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {replaceTop} from '../state/open.ts';
import type {Page} from '../state/pages.ts';
import {pageOf, type ViewState, type Wanted} from '../state/state.ts';
import type {BoxContent} from '../text/box.ts';
import {centred} from '../text/layout.ts';

/** Keys of typing into a pane, of dialogs and of line editors. */
export const DIALOG_KEYS = [
	{scope: 'type', keys: ['ctrl+]'], action: 'leave', label: 'room', help: 'back to the room', group: '', order: 1},

	{scope: 'peek', keys: ['enter'], action: 'reply', label: 'reply', help: 'send the reply', group: '', order: 2, needs: 'question'},
	{scope: 'peek', keys: ['up'], action: 'previous', label: '', help: 'previous that needs you', group: ''},
	{scope: 'peek', keys: ['down'], action: 'next', label: 'others', help: 'next that needs you', group: '', order: 3},
	{
		scope: 'peek',
		keys: ['tab'],
		action: 'explain',
		label: 'ask why',
		help: 'write: explain it first',
		group: '',
		order: 10,
		needs: 'question',
	},
	{
		scope: 'peek',
		keys: ['pgdn'],
		action: 'scroll-down',
		label: 'scroll',
		help: 'scroll what it is about',
		group: '',
		order: 5,
		needs: 'detail',
	},
	{scope: 'peek', keys: ['pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
	{
		scope: 'peek',
		keys: ['right'],
		action: 'into',
		label: 'into the pane',
		help: 'type into the pane',
		group: '',
		order: 4,
		needs: 'program',
	},
	{scope: 'peek', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 9},

	{scope: 'form', keys: ['tab', 'down'], action: 'next-field', label: 'next', help: 'next field', group: '', order: 1},
	{scope: 'form', keys: ['shift+tab', 'up'], action: 'previous-field', label: '', help: 'previous field', group: ''},
	{
		scope: 'form',
		keys: ['left'],
		action: 'previous-choice',
		label: 'choose',
		help: 'previous choice',
		group: '',
		order: 2,
		needs: 'choice',
	},
	{scope: 'form', keys: ['right'], action: 'next-choice', label: 'choose', help: 'next choice', group: '', order: 2, needs: 'choice'},
	{scope: 'form', keys: ['ctrl+s'], action: 'queue', label: 'queue', help: 'queue the task', group: '', order: 3},
	{scope: 'form', keys: ['ctrl+t'], action: 'watch', label: 'watch', help: 'queue it and show it', group: '', order: 4},
	{scope: 'form', keys: ['ctrl+g'], action: 'editor', label: 'editor', help: 'write it in your editor', group: '', order: 5},
	{scope: 'form', keys: ['esc'], action: 'close', label: 'cancel (draft is kept)', help: 'close, the draft is kept', group: '', order: 6},

	{scope: 'stop', keys: ['esc', 'enter'], action: 'close', label: 'keep working (default)', help: 'keep working', group: '', order: 1},
	{scope: 'stop', keys: ['i'], action: 'interrupt', label: 'interrupt', help: 'interrupt the turn only', group: '', order: 2},
	{scope: 'stop', keys: ['q'], action: 'stop', label: 'stop and requeue', help: 'stop, requeue its task', group: '', order: 3},
	{scope: 'stop', keys: ['b'], action: 'release', label: 'back to the queue', help: 'its task back to the queue', group: '', order: 4},
	{scope: 'stop', keys: ['w'], action: 'retire', label: 'retire', help: 'retire after its task', group: '', order: 5},
	{scope: 'stop', keys: ['X'], action: 'kill', label: 'kill', help: 'kill now, requeue its task', group: '', order: 6, isDanger: true},

	{scope: 'reassign', keys: ['enter'], action: 'choose', label: 'reassign', help: 'give the task to it', group: '', order: 1},
	{scope: 'reassign', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
	{scope: 'reassign', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'reassign', keys: ['esc'], action: 'close', label: 'cancel', help: 'leave it where it is', group: '', order: 3},

	{scope: 'unlock', keys: ['esc', 'enter'], action: 'close', label: 'keep the lock (default)', help: 'keep the lock', group: '', order: 1},
	{scope: 'unlock', keys: ['u'], action: 'unlock', label: 'unlock', help: 'drop the lock', group: '', order: 2, isDanger: true},

	{
		scope: 'quit',
		keys: ['d', 'enter', 'ctrl+c'],
		action: 'detach',
		label: 'detach, agents go on (default)',
		help: 'detach, agents go on',
		group: '',
		order: 1,
	},
	{
		scope: 'quit',
		keys: ['w'],
		action: 'wind-down',
		label: 'stop when turns end',
		help: 'stop when the turns end',
		group: '',
		order: 2,
	},
	{
		scope: 'quit',
		keys: ['s'],
		action: 'stop',
		label: 'stop now',
		help: 'stop now, work is saved',
		group: '',
		order: 3,
		isDanger: true,
	},
	{scope: 'quit', keys: ['k'], action: 'kill', label: 'kill', help: 'kill agents, then stop', group: '', order: 4, isDanger: true},
	{scope: 'quit', keys: ['esc'], action: 'close', label: 'stay', help: 'stay', group: '', order: 5},

	{scope: 'frozen', keys: ['r'], action: 'resume', label: 'resume all', help: 'resume all', group: '', order: 1},
	{scope: 'frozen', keys: ['1'], action: 'some', label: 'only some…', help: 'resume only some…', group: '', order: 2},
	{
		scope: 'frozen',
		keys: ['i'],
		action: 'interrupt',
		label: 'interrupt turns',
		help: 'interrupt the turns instead',
		group: '',
		order: 3,
		needs: 'long-frozen',
	},
	{scope: 'frozen', keys: ['c'], action: 'cost', label: 'budget…', help: 'cost and budget', group: '', order: 4, needs: 'budget'},
	{scope: 'frozen', keys: ['X'], action: 'kill', label: 'kill all…', help: 'kill all agents…', group: '', order: 5, isDanger: true},
	{scope: 'frozen', keys: ['esc', 'enter'], action: 'close', label: 'look around', help: 'stay frozen, look around', group: '', order: 6},

	{scope: 'thaw', keys: ['space'], action: 'mark', label: 'choose', help: 'choose this agent', group: '', order: 1},
	{
		scope: 'thaw',
		keys: ['enter'],
		action: 'resume',
		label: 'resume these',
		help: 'resume the chosen, pause the others',
		group: '',
		order: 2,
	},
	{scope: 'thaw', keys: ['j', 'down'], action: 'next', label: '', help: 'next agent', group: ''},
	{scope: 'thaw', keys: ['k', 'up'], action: 'previous', label: '', help: 'previous agent', group: ''},
	{scope: 'thaw', keys: ['esc'], action: 'close', label: 'back', help: 'back, all stay frozen', group: '', order: 3},

	{scope: 'kill-all', keys: ['esc', 'enter'], action: 'close', label: 'keep them (default)', help: 'keep them frozen', group: '', order: 1},
	{scope: 'kill-all', keys: ['K'], action: 'kill', label: 'kill all', help: 'kill every agent now', group: '', order: 2, isDanger: true},

	{scope: 'help', keys: ['enter'], action: 'run', label: 'run the key', help: 'run the marked key', group: '', order: 1},
	{scope: 'help', keys: ['down'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
	{scope: 'help', keys: ['up'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'help', keys: ['pgdn', 'ctrl+d'], action: 'next-page', label: 'page', help: 'next page', group: '', order: 4},
	{scope: 'help', keys: ['pgup', 'ctrl+u'], action: 'previous-page', label: '', help: 'previous page', group: ''},
	{scope: 'help', keys: ['esc', '?'], action: 'close', label: 'close', help: 'close', group: '', order: 3},

	{scope: 'palette', keys: ['enter'], action: 'run', label: 'run', help: 'run the marked command', group: '', order: 1},
	{scope: 'palette', keys: ['down', 'ctrl+n'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
	{scope: 'palette', keys: ['up', 'ctrl+p'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'palette', keys: ['pgdn'], action: 'next-page', label: '', help: 'next page', group: ''},
	{scope: 'palette', keys: ['pgup'], action: 'previous-page', label: '', help: 'previous page', group: ''},
	{scope: 'palette', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 3},

	{scope: 'filter', keys: ['enter'], action: 'keep', label: 'keep', help: 'keep the filter', group: '', order: 1},
	{scope: 'filter', keys: ['esc'], action: 'close', label: 'clear', help: 'clear the filter', group: '', order: 2},
	{scope: 'goto', keys: ['enter'], action: 'go', label: 'go', help: 'go there', group: '', order: 1},
	{scope: 'goto', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},

	{scope: 'lesson', keys: ['ctrl+]'], action: 'learn', label: 'I know the way back', help: 'the way back from a pane', group: '', order: 1},
	{scope: 'lesson', keys: ['esc'], action: 'close', label: 'not now', help: 'not now', group: '', order: 2},

	{scope: 'plan', keys: ['y'], action: 'accept', label: 'accept', help: 'accept the plan', group: '', order: 1, needs: 'fine-plan'},
	{scope: 'plan', keys: ['e'], action: 'edit', label: 'edit', help: 'edit it in your editor', group: '', order: 2},
	{scope: 'plan', keys: ['n'], action: 'reject', label: 'reject…', help: 'reject it with words', group: '', order: 3},
	{scope: 'plan', keys: ['u'], action: 'undo', label: 'drop your edit', help: 'drop your edit', group: '', order: 4, needs: 'edited-plan'},
	{scope: 'plan', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next task of the plan', group: '', order: 5},
	{scope: 'plan', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous task of the plan', group: ''},
	{scope: 'plan', keys: ['ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll the task', group: '', order: 6},
	{scope: 'plan', keys: ['ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
	{scope: 'plan', keys: ['tab'], action: 'next-attention', label: '', help: 'next that needs you', group: ''},
	{scope: 'plan', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous that needs you', group: ''},
	{scope: 'plan', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},

	{scope: 'decide', keys: ['y'], action: 'accept', label: 'accept', help: 'accept the work as it is', group: '', order: 1},
	{scope: 'decide', keys: ['n'], action: 'reject', label: 'send back…', help: 'send it back with words', group: '', order: 2},
	{scope: 'decide', keys: ['t', 'enter'], action: 'task', label: 'the task', help: 'the task in full', group: '', order: 3},
	{scope: 'decide', keys: ['D'], action: 'cancel', label: 'drop it…', help: 'cancel the task…', group: '', order: 5, isDanger: true},
	{scope: 'decide', keys: ['down', 'j', 'ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll', group: '', order: 4},
	{scope: 'decide', keys: ['up', 'k', 'ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
	{scope: 'decide', keys: ['tab'], action: 'next-attention', label: '', help: 'next that needs you', group: ''},
	{scope: 'decide', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous that needs you', group: ''},
	{scope: 'decide', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},

	{scope: 'words', keys: ['enter'], action: 'send', label: 'send', help: 'send these words', group: '', order: 1},
	{scope: 'words', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 2},

	{scope: 'replan', keys: ['enter'], action: 'send', label: 'plan anew', help: 'plan the feature anew', group: '', order: 1},
	{scope: 'replan', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 2},

	{scope: 'cost', keys: ['esc', 'enter', 'c'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
	{
		scope: 'cost',
		keys: ['u'],
		action: 'unbrake',
		label: 'try again now',
		help: 'accounts that wait try again',
		group: '',
		order: 1,
		needs: 'brake',
	},

	{scope: 'log', keys: ['l', 'enter'], action: 'pager', label: 'all of it', help: 'the whole log in your pager', group: '', order: 1},
	{scope: 'log', keys: ['down', 'j'], action: 'down', label: '', help: 'a line down', group: ''},
	{scope: 'log', keys: ['up', 'k'], action: 'up', label: 'scroll', help: 'a line up', group: '', order: 2},
	{scope: 'log', keys: ['ctrl+d', 'pgdn'], action: 'half-down', label: '', help: 'half a page down', group: ''},
	{scope: 'log', keys: ['ctrl+u', 'pgup'], action: 'half-up', label: '', help: 'half a page up', group: ''},
	{scope: 'log', keys: ['g', 'home'], action: 'first', label: '', help: 'first line', group: ''},
	{scope: 'log', keys: ['f', 'G', 'end'], action: 'follow', label: 'follow', help: 'follow the end', group: '', order: 3},
	{scope: 'log', keys: ['W'], action: 'wrap', label: 'wrap', help: 'wrap long lines, or cut them', group: '', order: 4},
	{scope: 'log', keys: ['esc', 'q'], action: 'close', label: 'close', help: 'close', group: '', order: 9},

	{scope: 'cancel', keys: ['esc', 'enter'], action: 'close', label: 'keep it (default)', help: 'keep the task', group: '', order: 1},
	{scope: 'cancel', keys: ['D'], action: 'cancel', label: 'cancel it', help: 'cancel the task', group: '', order: 2, isDanger: true},
] as const satisfies readonly KeyRow[];

/** Keys of the dialogs that offer a few letters; what is safe is the default, and nothing here is deleted. */
export const updateChoice = (state: ViewState, dialog: Choice, action: string, context: Context): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'close' && dialog.kind !== 'thaw') return unchanged(closed);
	switch (dialog.kind) {
		case 'stop':
			return stop(closed, [dialog.agent, ...dialog.others], action, context) ?? unchanged(state);
		case 'confirm':
			return action === 'do' ? confirmed(state, dialog) : unchanged(state);
		case 'recruit':
			return updateRecruit(state, dialog, action, context);
		case 'settings':
			return updateSettings(state, dialog, action, context);
		case 'copy':
			return updateCopy(state, dialog, action, context);
		case 'reassign':
			return reassign(state, dialog, action, context);
		case 'unlock':
			return action === 'unlock' ? and(closed, {type: 'dispatch', action: {type: 'unlock', name: dialog.name}}) : unchanged(state);
		case 'quit':
			if (action === 'detach') return and(closed, {type: 'detach'});
			if (action === 'wind-down') return and(closed, {type: 'dispatch', action: {type: 'stop-room', how: 'turns'}});
			if (action === 'stop')
				return and(say(closed, 'Stopping: agents are asked to end, their work is saved…', context.now), {type: 'stop', how: 'now'});
			return action === 'kill'
				? and(say(closed, 'Killing the agents: what they wrote is saved…', context.now), {type: 'stop', how: 'kill'})
				: unchanged(state);
		case 'frozen':
			return updateFrozen(state, dialog, action, context);
		case 'thaw':
			return updateThaw(state, dialog, action, context);
		case 'kill-all':
			return action === 'kill' ? and(closed, {type: 'dispatch', action: {type: 'kill-all'}}) : unchanged(state);
		case 'cancel':
			return action === 'cancel' ? and(closed, {type: 'dispatch', action: {type: 'cancel-task', task: dialog.task}}) : unchanged(state);
		case 'merge':
			return action === 'merge' ? and(closed, {type: 'dispatch', action: {type: 'merge-task', task: dialog.task}}) : unchanged(state);
		case 'revert':
			return action === 'revert' ? and(closed, {type: 'dispatch', action: {type: 'revert-task', task: dialog.task}}) : unchanged(state);
		case 'lesson':
			return action === 'learn' ? learn(closed, dialog.agent, context) : unchanged(state);
	}
};

const BEHAVIOURS: {readonly [K in Page['kind']]: Behaviour<Extract<Page, {kind: K}>>} = {
	task: taskBehaviour,
	train: trainBehaviour,
	board: boardBehaviour,
	events: eventsBehaviour,
	replay: replayBehaviour,
	locks: locksBehaviour,
};

/** The table gives every kind its own behaviour, which the compiler cannot follow through a union. */
export const behaviourOf = (page: Page): Behaviour<Page> => BEHAVIOURS[page.kind] as Behaviour<Page>;

/** Moves what the top page shows. */
export const movePage = (state: ViewState, move: Move, context: Context): ViewState => {
	const page = pageOf(state);
	return page ? replaceTop(state, behaviourOf(page).move(page, move, context, state)) : state;
};

/** Chooses what was pointed at, of the top page or of the agents. */
export const choose = (state: ViewState, at: {readonly column: string; readonly id: string}): ViewState => {
	const page = pageOf(state);
	if (state.dialog) return state;
	if (page) return replaceTop(state, behaviourOf(page).choose?.(page, at) ?? page);
	if (at.column !== '1') return state;
	return {...focusOn(state, 1), selected: at.id === '' ? state.selected : {...state.selected, 1: at.id}};
};

/** What a page looks at beside the snapshot. */
export const looksWanted = (page: Page, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[] =>
	behaviourOf(page).looksAt?.(page, context) ?? [];

type Orders<P extends Page> = Readonly<Record<string, (state: ViewState, page: P, context: Context) => Updated>>;

/** What keys of a page's own scope do, by action. */
const ORDERS: {readonly [K in Page['kind']]: Orders<Extract<Page, {kind: K}>>} = {
	task: taskPageOrders,
	train: trainOrders,
	board: boardOrders,
	events: eventsOrders,
	replay: replayOrders,
	locks: {},
};

/** Runs an action of the page's own; undefined where it has none of that name. */
export const runPage = (state: ViewState, page: Page, action: string, context: Context): Updated | undefined => {
	const own = (ORDERS[page.kind] as Orders<Page>)[action]?.(state, page, context);
	const refusal = own || page.kind !== 'replay' ? '' : refusalInPast(action, context.keymap);
	return refusal ? refuse(state, refusal, context) : own;
};

type Picture<P extends Page> = {
	/** At the far left of the last row. */
	readonly word: string;
	draw(drawing: Drawing, page: P): PageContent;
};

const PICTURES: {readonly [K in Page['kind']]: Picture<Extract<Page, {kind: K}>>} = {
	task: {word: 'TASK', draw: taskPage},
	board: {word: 'BOARD', draw: boardPage},
	train: {word: 'MERGES', draw: trainPage},
	events: {word: 'EVENTS', draw: eventsPage},
	replay: {word: 'REPLAY', draw: replayPage},
	locks: {word: 'LOCKS', draw: locksPage},
};

const pictureOf = (page: Page): Picture<Page> => PICTURES[page.kind] as Picture<Page>;

export const pageWord = (page: Page): string => pictureOf(page).word;

/** What covers the room now; undefined where nothing does. */
export const pageContent = once((drawing): PageContent | undefined => {
	const page = pageOf(drawing.state);
	return page && drawing.layout.kind !== 'zoom' ? pictureOf(page).draw(drawing, page) : undefined;
});

/** What dialogs say that have no component yet: in rows, and how many of those that scroll do not fit. */
export const dialogContent = once((drawing): DialogContent | undefined => {
	const {dialog} = drawing.state;
	switch (dialog?.kind) {
		case 'form':
			return formDialog(drawing);
		case 'plan':
			return planDialog(drawing, dialog);
		case 'decide':
			return decideDialog(drawing, dialog);
		case 'replan':
		case 'bounce':
			return writtenDialog(drawing, dialog);
		case 'changes':
			return changesDialog(drawing, dialog);
		case 'settings':
			return settingsDialog(drawing, dialog);
		case 'log':
			return logDialog(drawing, dialog);
		case 'comment':
			return commentDialog(drawing, dialog);
		case 'cost':
		case 'budget':
			return costDialog(drawing, dialog);
		case 'help':
			return helpDialog(drawing, dialog);
		case 'palette':
			return paletteDialog(drawing, dialog);
		case 'frozen':
			return frozenDialog(drawing, dialog.at);
		case 'thaw':
			return thawDialog(drawing, dialog);
	}
	return undefined;
});

/** The dialog at its place: in the middle, as high as its words. */
export const dialogBox = once((drawing): BoxContent | undefined => {
	const {state, layout} = drawing;
	const content = dialogContent(drawing);
	if (!content || !state.dialog) return undefined;
	const rect = centred(layout.columns, layout.rows, content.width, content.lines.length + 2);
	return {...content, rect, tone: state.dialog.kind === 'frozen' ? 'paused' : 'plain'};
});

/** Rows of what a dialog scrolls that do not fit. */
export const dialogOverflow = (drawing: Drawing): number => {
	const {dialog} = drawing.state;
	return dialog?.kind === 'peek' ? cardOverflow(drawing, dialog) : (dialogContent(drawing)?.overflow ?? 0);
};
