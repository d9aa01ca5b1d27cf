import {agentName} from '../../../core/agent/agent.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {rowOf} from '../../model/events.ts';
import {type Behaviour, moved} from '../../state/descriptor.ts';
import {focusOn} from '../../state/focus.ts';
import {type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {chosenEvent} from '../../state/page-task.ts';
import {type EventsPage, emptyLog, firstTaskPage, replayPage} from '../../state/pages.ts';
import type {ViewState} from '../../state/state.ts';
import {emptyEditor} from '../../text/editor.ts';

export const EVENTS_KEYS: readonly KeyRow[] = [
	{scope: 'events', keys: ['enter'], action: 'open', label: 'open', help: 'open task or agent', group: 'SEE', order: 1},
	{scope: 'events', keys: ['left'], action: 'replay-back', label: 'replay', help: 'replay before event', group: 'SEE', order: 2},
	{scope: 'events', keys: ['right'], action: 'replay-on', label: '', help: 'replay next event', group: 'SEE'},
	{scope: 'events', keys: ['/'], action: 'filter', label: 'filter', help: 'filter events', group: 'MOVE', order: 3},
	{scope: 'events', keys: ['f'], action: 'follow', label: 'follow', help: 'toggle follow', group: 'MOVE', order: 4},
	{scope: 'events', keys: ['.'], action: 'quiet', label: 'all events', help: 'toggle all events', group: 'MOVE', order: 5},
];

export const isLive = ({log, selected}: EventsPage): boolean => !log.has.newer && selected === '';

export const eventsBehaviour: Behaviour<EventsPage> = {
	move: (page, move, context, state) => {
		if (move === 'next-panel' || move === 'previous-panel') return {...page, column: page.column === 0 ? 1 : 0};
		if (page.column === 1) {
			const [, end] = context.overflow(state).page;
			return {...page, scroll: moved(move, Math.min(end, page.scroll), end)};
		}
		const {log} = page;
		if (move === 'last') return live(page);
		const to = moved(move, rowOf(log.entries, page.selected), Math.max(0, log.entries.length - 1));
		const id = log.entries[to]?.id ?? '';
		return {...page, selected: to === log.entries.length - 1 && !log.has.newer ? '' : id, scroll: 0};
	},
};

/** Jumps to the newest event; reads what was dropped. */
const live = (page: EventsPage): EventsPage => ({
	...page,
	selected: '',
	scroll: 0,
	log: page.log.has.newer ? emptyLog(page.log.filter) : page.log,
});

const replaceTop = (state: ViewState, page: EventsPage): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

const open = (state: ViewState, page: EventsPage, context: Context): Updated => {
	const event = chosenEvent(page);
	if (!event) return refuse(state, 'Select an event first.', context);
	if (event.task) return unchanged({...state, pages: [...state.pages, firstTaskPage(event.task)]});
	if (context.snapshot.team.agents.has(event.agent))
		return unchanged({...focusOn(state, 1), filters: {...state.filters, 1: ''}, selected: {...state.selected, 1: event.agent}});
	return refuse(state, event.agent ? `${agentName(event.agent)} has left the team.` : 'This event has no task and no agent.', context);
};

const replay = (state: ViewState, page: EventsPage, steps: number): Updated => {
	const to = chosenEvent(page)?.id ?? '';
	return unchanged({...state, pages: [...state.pages, replayPage(page.log.filter, {to, steps})]});
};

export const eventsOrders = {
	open,
	filter: (state: ViewState): Updated => {
		const text = state.filters[4];
		return unchanged({...state, dialog: {kind: 'filter', list: 4, text: {...emptyEditor, text, cursor: text.length}}});
	},
	follow: (state: ViewState, page: EventsPage): Updated => {
		const here = chosenEvent(page)?.id ?? '';
		return unchanged(replaceTop(state, isLive(page) && here ? {...page, selected: here} : live(page)));
	},
	quiet: (state: ViewState, page: EventsPage): Updated => unchanged(replaceTop(state, {...page, hasQuiet: !page.hasQuiet})),
	'replay-back': (state: ViewState, page: EventsPage): Updated => replay(state, page, -1),
	'replay-on': (state: ViewState, page: EventsPage): Updated => replay(state, page, page.selected === '' ? 0 : 1),
	/** Clears the filter, then closes the page. */
	back: (state: ViewState): Updated =>
		unchanged(state.filters[4] ? {...state, filters: {...state.filters, 4: ''}} : {...state, pages: state.pages.slice(0, -1)}),
};
