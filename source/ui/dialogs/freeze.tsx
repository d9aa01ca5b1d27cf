import {type Agent, agentName} from '../../core/agent/agent.ts';
import {isHeldByBudget} from '../../core/cost/budget.ts';
import {type Control, isOlder} from '../../core/team/snapshot.ts';
import {counted, dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {offers, widthIn} from '../draw/dialog-box.ts';
import {answered, type DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {runningAgents} from '../model/agents.ts';
import {spentToday} from '../model/board.ts';
import {counts} from '../model/queue.ts';
import {lookOf, STATUS_STYLES} from '../model/status-styles.ts';
import {age} from '../model/time.ts';
import {Confirm, type DialogOf, Gap, Item, Offers, Tell, useDialog, useInner} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {Rows} from '../parts/row.tsx';
import {T} from '../parts/tone.tsx';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {LONG_FREEZE_MS, openCost} from '../state/open.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {windowStart} from '../text/box.ts';
import {cell, cut, type Line, said, span, type Tone} from '../text/text.ts';

declare module '../keymap/row.ts' {
	interface OwnDialogs {
		/** Redis lost its data: rebuilt, or taken as it is. `paintedAt`: 0 before it was painted; until then no key decides. */
		recovery: {readonly paintedAt: number};
		/** The second question before it is taken as it is. */
		'start-empty': object;
	}
}

/** Frozen agents that can resume: running ones first, without those paused by name. */
const thawable = ({team}: RoomSnapshot): readonly Agent[] =>
	[...team.agents.values()]
		.filter(({paused, status}) => !paused && status !== 'stopped' && status !== 'crashed')
		.sort((a, b) => Number(b.task !== '') - Number(a.task !== '') || a.id.localeCompare(b.id, 'en', {numeric: true}));

const updateFrozen = (state: ViewState, {at}: Extract<Dialog, {kind: 'frozen'}>, action: string, {snapshot, now}: Context): Updated => {
	const closed = {...state, dialog: undefined};
	if (action === 'resume') return and(closed, {type: 'dispatch', action: {type: 'freeze', on: false}});
	if (action === 'some' && thawable(snapshot).length > 0)
		return unchanged({...state, dialog: {kind: 'unfreeze', marked: [], index: 0, at}});
	if (action === 'interrupt' && now - at >= LONG_FREEZE_MS) return and(closed, {type: 'dispatch', action: {type: 'interrupt-all'}});
	if (action === 'cost') return unchanged(openCost(state));
	return unchanged(action === 'kill' ? {...state, dialog: {kind: 'kill-all'}} : state);
};

/** Chooses who resumes: the marked rows, else the selected one. */
const updateUnfreeze = (state: ViewState, dialog: Extract<Dialog, {kind: 'unfreeze'}>, action: string, context: Context): Updated => {
	const agents = thawable(context.snapshot);
	const index = Math.min(dialog.index, agents.length - 1);
	const here = agents[index]?.id ?? '';
	const {marked, at} = dialog;
	if (action === 'next' || action === 'previous') {
		const to = Math.max(0, Math.min(agents.length - 1, index + (action === 'next' ? 1 : -1)));
		return unchanged({...state, dialog: {...dialog, index: to}});
	}
	if (action === 'mark' && here) {
		const next = marked.includes(here) ? marked.filter(id => id !== here) : [...marked, here];
		return unchanged({...state, dialog: {...dialog, marked: next}});
	}
	if (action !== 'resume') return unchanged(action === 'close' ? {...state, dialog: {kind: 'frozen', at}} : state);
	const chosen = marked.filter(id => agents.some(agent => agent.id === id));
	const going = chosen.length > 0 ? chosen : [here].filter(Boolean);
	return going.length > 0
		? and({...state, dialog: undefined}, {type: 'dispatch', action: {type: 'resume-after-freeze', agents: going}})
		: refuse(state, 'No agent can resume.', context);
};

const byBudget = (control: Control): string =>
	isHeldByBudget(control)
		? `The budget of ${dollars(control.budget)} was reached: ${dollars(control.spent)} spent.`
		: `The budget was reached; it no longer blocks work: ${dollars(control.spent)} spent${control.budget > 0 ? ` of ${dollars(control.budget)}` : ''}.`;

const frozen = (drawing: Drawing, {at}: DialogOf<'frozen'>) => {
	const {snapshot, now, keymap, isAscii} = drawing;
	const {tasks, counts: states, locks, control} = snapshot.team;
	const atWork = runningAgents(snapshot.team).length;
	const held = counted(atWork, 'agent', 'agents');
	const since = now - at;
	const today = spentToday(snapshot, now);
	const isHeld = isHeldByBudget(control);
	const stopped = atWork === 0 ? 'No agent was running.' : `${held} frozen in place (SIGSTOP) ${age(since)} ago.`;
	const words = {
		resume: isHeld ? '(blocked until you raise the budget)' : '(nothing is lost)',
		some: '(choose agents)',
		interrupt: '(agents wait for you)',
		kill: '(keeps worktrees and commits)',
		close: '',
	};
	return {
		isFrozen: control.frozen,
		told: control.frozen ? stopped : `Freezing ${held}…`,
		budget: control.frozenWhy === 'budget' ? {text: byBudget(control), isHeld} : undefined,
		merging: said([...tasks.values()].find(task => task.stage === 'merge' && task.state === 'leased')?.id ?? ''),
		counts: `${today > 0 ? `spent today ${dollars(today)}    ` : ''}running turns ${states.leased}    locks ${locks.size}    queued ${counts(snapshot).queued}`,
		// No answer is the default: only an explicit answer unfreezes.
		offers: offers(drawing, 'frozen', words).map((line, index) => (index === 0 ? line : [span('  '), ...line.slice(1)])),
		isLong: since >= LONG_FREEZE_MS,
		cost:
			since < LONG_FREEZE_MS
				? 'Prompt caches expire after about 5m; then resuming costs a little more.'
				: `Frozen for ${age(since)}: services may disconnect. ${keyOf(keymap, 'frozen.interrupt', isAscii)} interrupts the turns instead.`,
	};
};

const Sentence = ({tone, children}: {readonly tone?: Tone; readonly children: string}) => (
	<T tone={tone}>{cut(`  ${children}`, useInner())}</T>
);

const FrozenDialog = () => {
	const all = useDialog('frozen', frozen);
	return (
		all && (
			<Confirm title={all.isFrozen ? 'EVERYTHING IS FROZEN' : 'FREEZING…'} tone="paused">
				<Sentence tone="strong">{all.told}</Sentence>
				{all.budget && <Sentence tone={all.budget.isHeld ? 'danger' : 'good'}>{all.budget.text}</Sentence>}
				<Sentence>No work starts until you unfreeze.</Sentence>
				{all.merging && <Sentence>{`The merge of ${all.merging} has not moved the base branch.`}</Sentence>}
				<Gap />
				<Sentence tone="dim">{all.counts}</Sentence>
				<Gap />
				<Rows lines={all.offers} />
				<Gap />
				<Sentence tone={all.isLong ? 'warning' : 'dim'}>{all.cost}</Sentence>
			</Confirm>
		)
	);
};

const unfreeze = (drawing: Drawing, {marked, index}: DialogOf<'unfreeze'>) => {
	const {snapshot, layout, keymap, isAscii} = drawing;
	const inner = widthIn(drawing) - 2;
	const agents = thawable(snapshot);
	const at = Math.min(index, agents.length - 1);
	const most = Math.max(1, Math.min(12, layout.rows - 12));
	const from = windowStart(agents.length, most, Math.max(0, at));
	const rows = agents.slice(from, from + most).map((agent, row): {isOn: boolean; line: Line} => {
		const {id, task} = agent;
		const isMarked = marked.includes(id);
		const doing = task ? `${said(task)} ${snapshot.team.tasks.get(task)?.title ?? ''}` : STATUS_STYLES[lookOf(agent)].word;
		return {
			isOn: from + row === at,
			line: [
				span(from + row === at ? '▸' : ' '),
				span(isMarked ? '[x] ' : '[ ] ', isMarked ? 'strong' : 'dim'),
				span(`${cell(agentName(id), 10)} `, isMarked ? 'strong' : 'plain'),
				span(cut(doing, inner - 17), task ? 'plain' : 'dim'),
			],
		};
	});
	const chosen = marked.filter(id => agents.some(agent => agent.id === id)).length;
	const resumes = `${keyOf(keymap, 'unfreeze.resume', isAscii)} resumes`;
	return {
		told: `The selected agents resume. The others stay paused: ${keyOf(keymap, 'pause', isAscii)} resumes one.`,
		rows,
		does:
			chosen === 0
				? `${keyOf(keymap, 'unfreeze.mark', isAscii)} marks, ${resumes} the selected row`
				: `${resumes} ${counted(chosen, 'agent', 'agents')}`,
		footer: agents.length > rows.length ? [span(`${at + 1} of ${agents.length}`, 'dim')] : [],
	};
};

const UnfreezeDialog = () => {
	const some = useDialog('unfreeze', unfreeze);
	return (
		some && (
			<Confirm title="Resume some" footer={some.footer}>
				<Sentence tone="strong">{some.told}</Sentence>
				<Gap />
				{inPlace(some.rows, row => (
					<Item {...row} />
				))}
				{some.rows.length === 0 && <T tone="dim">{'  Every agent is paused individually.'}</T>}
				<Gap />
				<Sentence tone="dim">{some.does}</Sentence>
			</Confirm>
		)
	);
};

export const FROZEN: DialogKind<Extract<Dialog, {kind: 'frozen'}>> = {
	mode: 'FROZEN',
	keys: [
		{scope: 'frozen', keys: ['r'], action: 'resume', label: 'resume all', help: 'resume all', group: '', order: 1},
		{scope: 'frozen', keys: ['1'], action: 'some', label: 'resume some…', help: 'resume some…', group: '', order: 2},
		{
			scope: 'frozen',
			keys: ['i'],
			action: 'interrupt',
			label: 'interrupt turns',
			help: 'interrupt turns',
			group: '',
			order: 3,
			needs: 'long-frozen',
		},
		{scope: 'frozen', keys: ['c'], action: 'cost', label: 'budget…', help: 'open cost', group: '', order: 4, needs: 'budget'},
		{scope: 'frozen', keys: ['X'], action: 'kill', label: 'kill all…', help: 'kill all…', group: '', order: 5, isDanger: true},
		{scope: 'frozen', keys: ['esc', 'enter'], action: 'close', label: 'keep frozen', help: 'keep frozen', group: '', order: 6},
	],
	update: answered((_closed, dialog, action, context, state) => updateFrozen(state, dialog, action, context)),
	Part: FrozenDialog,
	over: (state, {at}, {snapshot, now}) => (!snapshot.team.control.frozen && now - at > 3000 ? {...state, dialog: undefined} : undefined),
};

export const UNFREEZE: DialogKind<Extract<Dialog, {kind: 'unfreeze'}>> = {
	mode: 'FROZEN',
	keys: [
		{scope: 'unfreeze', keys: ['space'], action: 'mark', label: 'choose', help: 'mark agent', group: '', order: 1},
		{
			scope: 'unfreeze',
			keys: ['enter'],
			action: 'resume',
			label: 'resume marked',
			help: 'resume marked',
			group: '',
			order: 2,
		},
		{scope: 'unfreeze', keys: ['j', 'down'], action: 'next', label: '', help: 'next agent', group: ''},
		{scope: 'unfreeze', keys: ['k', 'up'], action: 'previous', label: '', help: 'previous agent', group: ''},
		{scope: 'unfreeze', keys: ['esc'], action: 'close', label: 'back', help: 'back (keep frozen)', group: '', order: 3},
	],
	update: (state, dialog, {action}, context) => updateUnfreeze(state, dialog, action, context),
	Part: UnfreezeDialog,
};

const lost = ({snapshot: {team, loss = ''}}: Drawing) => {
	const {recovery} = team.control;
	return {
		found: said(loss === '' ? `${recovery}. Looking at what it lost…` : `${recovery}: ${loss}.`),
		words: {
			rebuild: '(from the journal and git)',
			'start-empty': isOlder(recovery) ? '(keeps what Redis has)' : '(nothing is rebuilt)',
			close: '(decide later)',
		},
	};
};

const RecoveryDialog = () => {
	const told = useDialog('recovery', lost);
	return (
		told && (
			<Confirm title="REDIS LOST ITS DATA" tone="paused">
				<Tell most={3} tone="danger">
					{told.found}
				</Tell>
				<Tell most={3}>Everything is frozen. Agents are held, and no tasks are assigned until you decide.</Tell>
				<Gap />
				<Offers of="recovery" words={told.words} />
				<Gap />
				<Tell most={2} tone="dim">
					To restore the data instead, stop the room, put the data back and open it again.
				</Tell>
			</Confirm>
		)
	);
};

const StartEmptyDialog = () => {
	const told = useDialog('start-empty', lost);
	return (
		told && (
			<Confirm title="Give up the lost tasks?" tone="paused">
				<Tell most={3} tone="danger">
					{told.found}
				</Tell>
				<Tell most={3}>Tasks that are only in the journal are given up. The journal, worktrees and branches are kept.</Tell>
				<Gap />
				<Offers of="start-empty" />
			</Confirm>
		)
	);
};

/** It goes with what it is about: somebody has decided. */
const over = (state: ViewState, _dialog: unknown, {snapshot}: Context): ViewState | undefined =>
	snapshot.team.control.recovery === '' ? {...state, dialog: undefined} : undefined;

const orders = (closed: ViewState, from: 'journal' | 'redis'): Updated => and(closed, {type: 'dispatch', action: {type: 'rebuild', from}});

export const RECOVERY: DialogKind<DialogOf<'recovery'>> = {
	mode: 'REDIS',
	title: 'lost data',
	keys: [
		{scope: 'recovery', keys: ['esc', 'enter'], action: 'close', label: 'later', help: 'later', group: '', order: 1},
		{scope: 'recovery', keys: ['R'], action: 'rebuild', label: 'rebuild', help: 'rebuild', group: '', order: 2},
		{
			scope: 'recovery',
			keys: ['S'],
			action: 'start-empty',
			label: 'start empty…',
			help: 'start empty…',
			group: '',
			order: 3,
			isDanger: true,
		},
	],
	update: answered((closed, {paintedAt}, action) => {
		if (paintedAt === 0) return undefined;
		if (action === 'rebuild') return orders(closed, 'journal');
		return action === 'start-empty' ? unchanged({...closed, dialog: {kind: 'start-empty'}}) : undefined;
	}),
	Part: RecoveryDialog,
	over,
};

export const START_EMPTY: DialogKind<DialogOf<'start-empty'>> = {
	mode: 'CONFIRM',
	title: 'starting empty',
	keys: [
		{scope: 'start-empty', keys: ['esc', 'enter'], action: 'close', label: 'cancel (default)', help: 'cancel', group: '', order: 1},
		{
			scope: 'start-empty',
			keys: ['y'],
			action: 'accept',
			label: 'give up',
			help: 'give up what is lost',
			group: '',
			order: 2,
			isDanger: true,
		},
	],
	update: answered((closed, _dialog, action) => (action === 'accept' ? orders(closed, 'redis') : undefined)),
	Part: StartEmptyDialog,
	over,
};

/** Opens the question by itself, once for each loss: whoever is typing or deciding something else is not interrupted, and `X` opens it again. */
export const askOfLoss = (state: ViewState, {snapshot}: Pick<Context, 'snapshot'>): ViewState => {
	const {recovery} = snapshot.team.control;
	if (recovery === state.askedOf || (recovery !== '' && (state.dialog || state.typing))) return state;
	return {...state, askedOf: recovery, ...(recovery === '' ? {} : {dialog: {kind: 'recovery', paintedAt: 0}})};
};
