import type {Target} from '../../../store/history.ts';
import {keyOf} from '../../keymap/keymap.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {type Behaviour, moved} from '../../state/descriptor.ts';
import {type Context, refuse, say, type Updated, unchanged} from '../../state/message.ts';
import {type ReplayPage, SPEEDS, type Step} from '../../state/pages.ts';
import type {ViewState} from '../../state/state.ts';

const A_MINUTE = 60_000;
/** Interval between requests while playing, ms. */
export const PLAY_MS = 250;
const MOST_AHEAD = 40;

const replaceTop = (state: ViewState, page: ReplayPage): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

/** The shown moment, epoch ms of the server; advances while playing. */
export const positionOf = ({shown, play, speed}: ReplayPage, now: number): number => {
	if (!shown) return 0;
	return play ? Math.min(shown.past.newest.at, play.at + (now - play.since) * speed) : shown.past.moment.at;
};

export const REPLAY_KEYS: readonly KeyRow[] = [
	{scope: 'replay', keys: ['left', 'h'], action: 'earlier', label: 'back', help: 'previous event', group: 'MOVE', order: 1},
	{scope: 'replay', keys: ['right', 'l'], action: 'later', label: 'on', help: 'next event', group: 'MOVE', order: 2},
	{scope: 'replay', keys: ['space'], action: 'play', label: 'play', help: 'play / pause', group: 'SEE', order: 3},
	{scope: 'replay', keys: ['s'], action: 'speed', label: 'speed', help: 'change speed', group: 'SEE', order: 4},
	{scope: 'replay', keys: ['H', 'shift+left'], action: 'minute-earlier', label: '-1m', help: 'back 1 minute', group: 'MOVE', order: 5},
	{scope: 'replay', keys: ['L', 'shift+right'], action: 'minute-later', label: '+1m', help: 'forward 1 minute', group: 'MOVE', order: 6},
	{scope: 'replay', keys: ['pgup', 'ctrl+u'], action: 'ten-earlier', label: '-10m', help: 'back 10 minutes', group: 'MOVE', order: 7},
	{scope: 'replay', keys: ['pgdn', 'ctrl+d'], action: 'ten-later', label: '+10m', help: 'forward 10 minutes', group: 'MOVE', order: 8},
	{
		scope: 'replay',
		keys: ['g', 'home'],
		action: 'oldest',
		label: 'oldest',
		help: 'oldest event',
		group: 'MOVE',
		order: 6,
	},
	{scope: 'replay', keys: ['G', 'end'], action: 'newest', label: 'newest', help: 'newest event', group: 'MOVE', order: 10},
	{scope: 'replay', keys: ['enter'], action: 'live', label: 'live', help: 'back to live', group: 'SEE', order: 2},
];

export const replayBehaviour: Behaviour<ReplayPage> = {
	// Replay is read-only.
	move: (page, move, context, state) => {
		if (move === 'next-panel' || move === 'previous-panel') {
			const next = (page.part + (move === 'next-panel' ? 1 : 3)) % 4;
			return {...page, part: next === 1 ? 1 : next === 2 ? 2 : next === 3 ? 3 : 0, scroll: 0};
		}
		const [end] = context.overflow(state).page;
		return {...page, scroll: moved(move, Math.min(end, page.scroll), end)};
	},
};

const paused = (page: ReplayPage): ReplayPage => ({...page, play: undefined});

/** Keys before an answer act as if each had waited for it: equal steps are summed. */
const step = (state: ViewState, page: ReplayPage, next: Step): Updated => {
	const last = page.ahead.at(-1);
	const rest = page.ahead.slice(0, -1);
	const isSame = last !== undefined && Object.keys(last).join() === Object.keys(next).join();
	const joined =
		isSame && 'ms' in last && 'ms' in next
			? [...rest, {ms: last.ms + next.ms}]
			: isSame && 'steps' in last && 'steps' in next && !('to' in last)
				? [...rest, {steps: last.steps + next.steps}]
				: [...page.ahead, next];
	return unchanged(replaceTop(state, {...paused(page), ahead: joined.slice(0, MOST_AHEAD), missing: ''}));
};

/** The target of a step; undefined if it leads nowhere. */
export const targetOf = ({shown}: ReplayPage, next: Step): Target | undefined => {
	if ('to' in next) return {from: next.to, steps: next.steps};
	if (!shown) return undefined;
	const {moment} = shown.past;
	if ('ms' in next) return {at: moment.at + next.ms};
	// Between two events, going back leads to the earlier one first.
	const isBetween = moment.at > (Number(moment.id.split('-')[0]) || 0);
	return next.steps === 0 ? undefined : {from: moment.id, steps: isBetween && next.steps < 0 ? next.steps + 1 : next.steps};
};

const play = (state: ViewState, page: ReplayPage, context: Context): Updated => {
	const {now, layout} = context;
	if (!page.shown) return refuse(state, 'No events to replay yet.', context);
	if (page.play) return unchanged(replaceTop(state, {...paused(page), ahead: []}));
	const at = page.shown.past.moment.at;
	if (at >= page.shown.past.newest.at)
		return refuse(
			state,
			`End of the event log: ${keyOf(context.keymap, 'replay.earlier')} steps back, ${keyOf(context.keymap, 'replay.live')} returns to live.`,
			context,
		);
	return unchanged(replaceTop(state, {...page, play: {at, since: now, columns: layout.columns, rows: layout.rows}}));
};

const speed = (state: ViewState, page: ReplayPage, {now}: Context): Updated => {
	const next = SPEEDS[(SPEEDS.indexOf(page.speed) + 1) % SPEEDS.length] ?? 1;
	const since = page.play && {...page.play, at: positionOf(page, now), since: now};
	return unchanged(replaceTop(state, {...page, speed: next, play: since}));
};

/** Back to the events page, at the moment reached. */
const back = (state: ViewState, page: ReplayPage): Updated => {
	const below = state.pages.slice(0, -1);
	const top = below.at(-1);
	const id = page.shown?.past.moment.id;
	return unchanged({...state, pages: top?.kind === 'events' && id ? [...below.slice(0, -1), {...top, selected: id}] : below});
};

const live = (state: ViewState, {now}: Context): Updated => {
	const below = state.pages.slice(0, -1);
	return unchanged(say({...state, pages: below.filter(page => page.kind !== 'events')}, 'live again', now));
};

export const replayOrders = {
	earlier: (state: ViewState, page: ReplayPage): Updated => step(state, page, {steps: -1}),
	later: (state: ViewState, page: ReplayPage): Updated => step(state, page, {steps: 1}),
	'minute-earlier': (state: ViewState, page: ReplayPage): Updated => step(state, page, {ms: -A_MINUTE}),
	'minute-later': (state: ViewState, page: ReplayPage): Updated => step(state, page, {ms: A_MINUTE}),
	'ten-earlier': (state: ViewState, page: ReplayPage): Updated => step(state, page, {ms: -10 * A_MINUTE}),
	'ten-later': (state: ViewState, page: ReplayPage): Updated => step(state, page, {ms: 10 * A_MINUTE}),
	oldest: (state: ViewState, page: ReplayPage): Updated => step(state, page, {to: '0-0', steps: 0}),
	newest: (state: ViewState, page: ReplayPage): Updated => step(state, page, {to: '', steps: 0}),
	play,
	speed,
	live: (state: ViewState, _: ReplayPage, context: Context): Updated => live(state, context),
	back: (state: ViewState, page: ReplayPage): Updated => back(state, page),
};

/** Room actions allowed in replay: viewing, leaving, and freeze. */
const ALLOWED: readonly string[] = [
	...['help', 'palette', 'commands', 'redraw', 'quit', 'suspend', 'freeze', 'next-attention', 'previous-attention', 'goto', 'settings'],
	...['up', 'down', 'next-panel', 'previous-panel'],
];

/** Why a room action is unavailable in replay; '' if available. */
export const refusalInPast = (action: string, {keymap}: Context): string =>
	action === '' || /^panel-\d$/.test(action) || ALLOWED.includes(action)
		? ''
		: `Replay is read-only: ${keyOf(keymap, 'replay.live')} returns to live.`;
