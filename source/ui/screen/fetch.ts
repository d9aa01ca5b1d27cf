import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {rowOf, wantedOf, withAnswer, withLive} from '../model/events.ts';
import {PLAY_MS, positionOf, targetOf} from '../pages/replay/replay.ts';
import type {Command, Context, Message, Updated} from '../state/message.ts';
import {type EventsPage, emptyLog, type Page, type ReplayPage} from '../state/pages.ts';
import {versionOf} from '../state/reading.ts';
import {pageOf, type ViewState, type Wanted} from '../state/state.ts';
import {kindOf, pageKindOf} from './registry.ts';

const MOST = 60;
/** Refresh interval of a running agent's worktree while it is shown, ms. */
const LIVE_MS = 3000;
const FIGURES_MS = 10_000;

/** What says that an answer may be another by now. */
const versionFor = ({what, task: id}: Wanted, snapshot: RoomSnapshot, now: number): string => {
	const {team, repository, redis} = snapshot;
	const task = team.tasks.get(id.split(' ')[0] ?? '');
	// It moves with every heartbeat of any machine.
	if (what === 'figures') return `${redis.isConnected} ${Math.floor(now / FIGURES_MS)}`;
	if (what === 'hosts') return `${redis.isConnected} ${Math.floor(now / LIVE_MS)}`;
	const common = [versionOf(task), redis.isConnected];
	if (what === 'record') return [...common, team.events.findLast(event => event.task === id)?.id].join(' ');
	const isLive =
		(what === 'patch' || what === 'log') && task?.state === 'leased' && (snapshot.panes.get(task.owner)?.outputAt ?? 0) > now - 2 * LIVE_MS;
	return [...common, repository.baseCommit, task?.commit, task?.mergedCommit, task?.testLog, isLive ? Math.floor(now / LIVE_MS) : ''].join(
		' ',
	);
};

/** Looks up what the top page and the dialog need, again when it may have changed; one open request for each item. */
export const withLooks = ({state, commands}: Updated, message: Message, context: Context): Updated => {
	const page = pageOf(state);
	const {dialog} = state;
	const wants = [
		...((page && pageKindOf(page).looksAt?.(page, context)) ?? []),
		...((dialog && kindOf(dialog).lookups?.(dialog, context)) ?? []),
	];
	if (wants.length === 0 || message.type === 'looked' || message.type === 'painted') return {state, commands};
	let {looks} = state;
	const asked: Command[] = [];
	for (const wanted of wants) {
		const {what, task} = wanted;
		const before = looks[what][task];
		const version = versionFor(wanted, context.snapshot, context.now);
		if (before && (before.isAsked || before.version === version)) continue;
		looks = {...looks, [what]: {...looks[what], [task]: {version, isAsked: true, value: before?.value}}};
		asked.push({type: 'look', what, task});
	}
	return asked.length === 0 ? {state, commands} : {state: {...state, looks}, commands: [...commands, ...asked]};
};

/** Stores an answer; drops the oldest. */
export const takeLook = (state: ViewState, {what, task, value}: Extract<Message, {type: 'looked'}>): ViewState => {
	const before = state.looks[what][task];
	if (!before) return state;
	const {[task]: _before, ...others} = state.looks[what];
	const kept = Object.fromEntries([...Object.entries(others).slice(1 - MOST), [task, {...before, isAsked: false, value}]]);
	return {...state, looks: {...state.looks, [what]: kept}};
};

const replaceTop = (state: ViewState, page: Page): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

/**
 * Reads events for the top page before the selection nears an end, and the moment that keys or playback want. One open request; a failed
 * one is repeated with the next change or second.
 */
export const withRecord = ({state, commands}: Updated, message: Message, context: Context): Updated => {
	const page = pageOf(state);
	if (page?.kind !== 'events' && page?.kind !== 'replay') return {state, commands};
	const next = page.kind === 'events' ? readOn(page, state, message, context) : lookOn(page, state, message, context);
	return {state: next.page === page ? state : replaceTop(state, next.page), commands: [...commands, ...next.commands]};
};

type Followed = {readonly page: Page; readonly commands: readonly Command[]};

const readOn = (page: EventsPage, state: ViewState, message: Message, {snapshot}: Context): Followed => {
	const filter = {text: state.filters[4], hasQuiet: page.hasQuiet};
	const isSame = filter.text === page.log.filter.text && filter.hasQuiet === page.log.filter.hasQuiet;
	const log = isSame ? withLive(page.log, snapshot) : emptyLog(filter);
	const direction = message.type === 'entries' && !message.page ? undefined : wantedOf(log, rowOf(log.entries, page.selected));
	if (!direction) return {page: log === page.log ? page : {...page, log}, commands: []};
	const isFirst = log.reached.older === '';
	// Newer events arrive as live events.
	const reached = isFirst ? {older: '', newer: snapshot.team.streamId} : log.reached;
	const asked = {...page, log: {...log, reached, asked: direction}};
	return {page: asked, commands: [{type: 'entries', from: log.reached[direction], direction, filter}]};
};

const lookOn = (page: ReplayPage, state: ViewState, message: Message, {layout, now}: Context): Followed => {
	const {play} = page;
	if (play && (state.dialog || play.columns !== layout.columns || play.rows !== layout.rows))
		return {page: {...page, play: undefined}, commands: []};
	if (page.asked || (message.type === 'looked-back' && page.missing)) return {page, commands: []};
	const [step, ...ahead] = page.ahead;
	const target = step && targetOf(page, step);
	if (target) return {page: {...page, asked: target, ahead}, commands: [{type: 'look-back', to: target, filter: page.passing}]};
	if (step) return {page: {...page, ahead}, commands: []};
	if (page.missing === 'away' && !page.shown && message.type === 'snapshot')
		return lookOn({...page, missing: '', ahead: [{to: '', steps: 0}]}, state, message, {layout, now} as Context);
	if (!play || !page.shown) return {page, commands: []};
	const at = positionOf(page, now);
	if (at >= page.shown.past.newest.at && page.shown.past.moment.id === page.shown.past.newest.id)
		return {page: {...page, play: undefined}, commands: []};
	const isBegun = message.type === 'looked-back' || message.type === 'key';
	if (isBegun || at - page.shown.past.moment.at < PLAY_MS * page.speed * 0.8)
		return {page, commands: isBegun ? [{type: 'wake', ms: PLAY_MS}] : []};
	const to = {at};
	return {page: {...page, asked: to}, commands: [{type: 'look-back', to, filter: page.passing}]};
};

/** Stores a page of events; drops one of another filter. */
export const takeEntries = (state: ViewState, {direction, filter, page: found}: Extract<Message, {type: 'entries'}>): ViewState => ({
	...state,
	pages: state.pages.map(page => {
		if (page.kind !== 'events' || page.log.asked !== direction) return page;
		const isSame = page.log.filter.text === filter.text && page.log.filter.hasQuiet === filter.hasQuiet;
		return isSame ? {...page, log: withAnswer(page.log, direction, found)} : page;
	}),
});

/** The base at that time: the last merge; '' for none. */
const baseIn = ({tasks}: TeamSnapshot): string =>
	[...tasks.values()].reduce(
		(last, task) => (task.mergedCommit && task.doneAt > last.at ? {at: task.doneAt, commit: task.mergedCommit} : last),
		{
			at: 0,
			commit: '',
		},
	).commit;

/** A past moment as a snapshot to draw, without what events do not record (panes, heartbeats, banners). */
export const takeLooked = (state: ViewState, {to, past}: Extract<Message, {type: 'looked-back'}>, {snapshot}: Context): ViewState => ({
	...state,
	pages: state.pages.map(page => {
		if (page.kind !== 'replay' || page.asked !== to) return page;
		if (past === undefined) return {...page, asked: undefined, ahead: [], play: undefined, missing: 'away' as const};
		if (past === 'gone') return {...page, asked: undefined, ahead: [], play: undefined, missing: 'gone' as const};
		const repository = {...snapshot.repository, baseCommit: baseIn(past.team)};
		const then = {...snapshot, repository, team: past.team, panes: new Map(), beats: new Map(), banners: [], conflicts: []};
		return {...page, asked: undefined, shown: {past, snapshot: then}, missing: '' as const};
	}),
});
