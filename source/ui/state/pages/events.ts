import {agentName} from '../../../core/agent.ts';
import type {RoomEvent} from '../../../core/event.ts';
import {rowOf} from '../../model/log.ts';
import {emptyEditor} from '../editor.ts';
import {focusOn} from '../focus.ts';
import {firstTaskPage} from '../page.ts';
import {type Context, refuse, type Updated, unchanged, type ViewState} from '../state.ts';
import {type Behaviour, moved} from './behaviour.ts';
import {type EventsPage, emptyLog, replayPage} from './record-pages.ts';

/** The entry that the keys mean; undefined where there is none. */
export const chosenEvent = ({log, selected}: EventsPage): RoomEvent | undefined => log.entries[rowOf(log.entries, selected)];

/** Whether it follows what comes. */
export const isLive = ({log, selected}: EventsPage): boolean => !log.has.newer && selected === '';

export const eventsBehaviour: Behaviour<EventsPage> = {
	taskOf: page => chosenEvent(page)?.task ?? '',
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

/** At the newest entry; what was let go on the way into the past is read again. */
const live = (page: EventsPage): EventsPage => ({
	...page,
	selected: '',
	scroll: 0,
	log: page.log.has.newer ? emptyLog(page.log.filter) : page.log,
});

const replaceTop = (state: ViewState, page: EventsPage): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

const open = (state: ViewState, page: EventsPage, context: Context): Updated => {
	const event = chosenEvent(page);
	if (!event) return refuse(state, 'Nothing is chosen here.', context);
	if (event.task) return unchanged({...state, pages: [...state.pages, firstTaskPage(event.task)]});
	if (context.snapshot.team.agents.has(event.agent))
		return unchanged({...focusOn(state, 1), filters: {...state.filters, 1: ''}, selected: {...state.selected, 1: event.agent}});
	return refuse(
		state,
		event.agent ? `${agentName(event.agent)} is not in the team any more.` : 'This is about no task and no agent.',
		context,
	);
};

const replay = (state: ViewState, page: EventsPage, steps: number): Updated => {
	const to = chosenEvent(page)?.id ?? '';
	return unchanged({...state, pages: [...state.pages, replayPage(page.log.filter, {to, steps})]});
};

/** What the keys of the page's own do. */
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
	/** A filter goes before the page does. */
	back: (state: ViewState): Updated =>
		unchanged(state.filters[4] ? {...state, filters: {...state.filters, 4: ''}} : {...state, pages: state.pages.slice(0, -1)}),
};
