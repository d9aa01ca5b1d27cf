import type {LookedAt, RoomSnapshot} from '../../store/room.ts';
import {looksWanted} from './pages/pages.ts';
import {versionOf} from './reading.ts';
import {type Command, type Context, type Message, pageOf, type Updated, type ViewState} from './state.ts';

export type What = keyof LookedAt;
export type Wanted = {readonly what: What; readonly task: string};

/** `version` is what was asked for last; `value` may still be of an earlier one. Undefined with `isAsked` false: there is nothing. */
export type Looked<T> = {readonly version: string; readonly isAsked: boolean; readonly value: T | undefined};
/** By kind and task. */
export type Looks = {readonly [K in What]: Readonly<Record<string, Looked<LookedAt[K]>>>};
export const noLooks: Looks = {facts: {}, patch: {}, record: {}, log: {}, web: {}, trial: {}};

/** Answers that a view remembers of each kind. */
const MOST = 60;
/** How often the work tree of an agent that writes is looked at anew while somebody looks, ms. */
const LIVE_MS = 3000;

/** What says that an answer may be another by now. */
const versionFor = ({what, task: id}: Wanted, snapshot: RoomSnapshot, now: number): string => {
	const {team, repository, redis} = snapshot;
	const task = team.tasks.get(id);
	const common = [versionOf(task), redis.isConnected];
	if (what === 'record') return [...common, team.events.findLast(event => event.task === id)?.id].join(' ');
	const isLive =
		(what === 'patch' || what === 'log') && task?.state === 'leased' && (snapshot.panes.get(task.owner)?.outputAt ?? 0) > now - 2 * LIVE_MS;
	return [...common, repository.baseCommit, task?.commit, task?.landed, task?.testLog, isLive ? Math.floor(now / LIVE_MS) : ''].join(' ');
};

/** What a dialog looks at: a log, or, before an agent is stopped, what it has made. */
const wantedByDialog = ({dialog}: ViewState, {snapshot}: Context): readonly Wanted[] => {
	const task = dialog?.kind === 'stop' && dialog.others.length === 0 ? (snapshot.team.agents.get(dialog.agent)?.task ?? '') : '';
	if (dialog?.kind === 'log' && dialog.task) return [{what: 'log', task: dialog.task}];
	return task ? [{what: 'patch', task}] : [];
};

/** Asks for what the page on top and the dialog look at, and again when it may have changed; of one thing there is never more than one question open. */
export const withLooks = ({state, commands}: Updated, message: Message, context: Context): Updated => {
	const page = pageOf(state);
	const wants = [...(page ? looksWanted(page, context) : []), ...wantedByDialog(state, context)];
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

/** The answer takes its place; the oldest beyond what is remembered are forgotten. */
export const takeLook = (state: ViewState, {what, task, value}: Extract<Message, {type: 'looked'}>): ViewState => {
	const before = state.looks[what][task];
	if (!before) return state;
	const {[task]: _before, ...others} = state.looks[what];
	const kept = Object.fromEntries([...Object.entries(others).slice(1 - MOST), [task, {...before, isAsked: false, value}]]);
	return {...state, looks: {...state.looks, [what]: kept}};
};

/** What was found of a task, as far as it is known. */
export const lookOf = <K extends What>({looks}: ViewState, what: K, task: string): LookedAt[K] | undefined => looks[what][task]?.value;
