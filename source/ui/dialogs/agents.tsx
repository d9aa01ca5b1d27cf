import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {offers, widthIn} from '../draw/dialog-box.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {locks} from '../model/locks.ts';
import {lookOf as agentLook} from '../model/looks.ts';
import {Confirm, type DialogOf, Fact, Gap, Item, Label, Offers, Say, Tell, useDialog} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {Rows} from '../parts/row.tsx';
import {T} from '../parts/tone.tsx';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {reassignChoices} from '../state/selection.ts';
import {lookOf, type ViewState} from '../state/state.ts';
import {cell, cut, type Line, said, span} from '../text/text.ts';
import {clippings, confirmed, doAll, isMoot, updateCopy} from './confirm.ts';

/** A kind of agent that can be added: a role with the program that it runs, and how many of it there are. */
export type Recruit = {readonly role: string; readonly harness: string; readonly count: number};

/** The kinds of agents that this room's team has; what the room runs itself is none. */
const recruits = ({team, room}: RoomSnapshot): readonly Recruit[] => {
	const own = [...team.agents.values()].filter(
		agent => agent.room === room.id && agent.harness !== '' && !['test', 'merge', 'room'].includes(agent.harness),
	);
	const kinds = Map.groupBy(own, ({role, harness}) => `${role} ${harness}`);
	return [...kinds.values()].flatMap(agents => {
		const [first] = agents;
		const count = agents.filter(({status}) => status !== 'stopped').length;
		return first ? [{role: first.role, harness: first.harness, count}] : [];
	});
};

/** `N`: who shall join. */
export const openRecruit = (state: ViewState, context: Context): Updated =>
	recruits(context.snapshot).length > 0
		? unchanged({...state, dialog: {kind: 'recruit', index: 0}})
		: refuse(state, 'This room has no agents whose like could join: `team` in agent-room.yaml names them.', context);

const updateRecruit = (
	state: ViewState,
	dialog: {readonly kind: 'recruit'; readonly index: number},
	action: string,
	{snapshot}: Context,
): Updated => {
	const kinds = recruits(snapshot);
	const step = action === 'next' ? 1 : action === 'previous' ? -1 : 0;
	if (step !== 0) return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(kinds.length - 1, dialog.index + step))}});
	const chosen = action === 'choose' ? kinds[dialog.index] : undefined;
	if (!chosen) return unchanged(state);
	return and({...state, dialog: undefined}, {type: 'dispatch', action: {type: 'add-agent', role: chosen.role, harness: chosen.harness}});
};

const WORDS: Readonly<Record<string, string>> = {
	interrupt: 'interrupted',
	stop: 'stopped',
	kill: 'killed',
	release: 'given back',
	retire: 'retired',
};

/** What `x` does to one agent, or to all that are marked; undefined for no action of its menu. */
const stopAll = (closed: ViewState, ids: readonly string[], action: string, {snapshot}: Context): Updated | undefined => {
	const word = WORDS[action];
	const tasks = ids.flatMap(id => snapshot.team.agents.get(id)?.task || []);
	const actions = ids.flatMap((agent): readonly Action[] =>
		action === 'interrupt' || action === 'stop' || action === 'kill' ? [{type: 'stop-agent', agent, how: action}] : [],
	);
	const retired = action === 'retire' ? ids.map((agent): Action => ({type: 'retire-agent', agent})) : [];
	const released = action === 'release' ? tasks.map((task): Action => ({type: 'release-task', task})) : [];
	if (word === undefined || actions.length + released.length + retired.length === 0) return undefined;
	return doAll(withoutMarks(closed), [...actions, ...released, ...retired], word);
};

const reassignTo = (state: ViewState, dialog: DialogOf<'reassign'>, action: string, {snapshot}: Context): Updated => {
	const tasks = [dialog.task, ...dialog.others];
	const choices = reassignChoices(tasks, snapshot);
	const at = Math.max(
		0,
		choices.findIndex(({agent}) => agent.id === dialog.chosen),
	);
	const closed = {...state, dialog: undefined};
	if (action === 'next' || action === 'previous') {
		const to = choices[Math.min(choices.length - 1, Math.max(0, at + (action === 'next' ? 1 : -1)))];
		return unchanged(to ? {...state, dialog: {...dialog, chosen: to.agent.id}} : state);
	}
	const {agent} = choices[at] ?? {};
	if (action !== 'choose' || !agent) return unchanged(state);
	const actions = tasks.map((task): Action => ({type: 'reassign-task', task, agent: agent.id}));
	return doAll(withoutMarks(closed), actions, `given to ${agentName(agent.id)}`);
};

/** Names in as many rows as they take, four at most. */
const Names = ({all}: {readonly all: readonly string[]}) => all.length > 1 && <Tell most={4}>{all.join('  ')}</Tell>;

const confirm = (drawing: Drawing, {title, question, names, facts, order}: DialogOf<'confirm'>) => ({
	...{title: said(title), question, names, facts},
	// What is ordered is the second answer, in the words of what it does.
	offers: offers(drawing, 'confirm').map((line, index) =>
		index === 1 ? [...line.slice(0, 2), span(cut(order, widthIn(drawing) - 12), 'strong')] : line,
	),
});

/** The question before many rows, or before what is not undone. */
const ConfirmDialog = () => {
	const asked = useDialog('confirm', confirm);
	return (
		asked && (
			<Confirm title={asked.title}>
				<Tell tone="strong">{asked.question}</Tell>
				<Names all={asked.names} />
				<Gap />
				{asked.facts.map(([name, text]) => (
					<Fact key={`${name} ${text}`} name={name}>
						{text}
					</Fact>
				))}
				{asked.facts.length > 0 && <Gap />}
				<Rows lines={asked.offers} />
			</Confirm>
		)
	);
};

/** What an agent or several have at work, and what of it is kept, released and lost when they are stopped. */
const stop = ({snapshot, state, layout}: Drawing, {agent: id, others}: DialogOf<'stop'>) => {
	const all = [id, ...others];
	const many = all.length > 1;
	const {agents, tasks} = snapshot.team;
	const agent = agents.get(id);
	const task = tasks.get(agent?.task ?? '');
	const name = many ? `${all.length} agents` : said(agentName(id));
	const busy = all.filter(one => agents.get(one)?.task);
	const change = task && !many ? lookOf(state, 'patch', task.id) : undefined;
	const work =
		change?.total === 0
			? 'nothing changed yet'
			: change
				? `${change.total} changed ${change.total === 1 ? 'file' : 'files'} +${change.added} -${change.removed}`
				: '';
	const spent = busy.reduce((sum, one) => sum + (tasks.get(agents.get(one)?.task ?? '')?.spent ?? 0), 0);
	const into = spent > 0 ? `; ${dollars(spent)} went into ${busy.length === 1 ? 'the task' : 'these tasks'} so far` : '';
	return {
		name,
		many,
		names: all.map(agentName),
		question: many
			? `Stop ${name} and give ${busy.length === 1 ? 'a task' : `${busy.length} tasks`} back to the queue?`
			: task
				? `Stop ${name} and give ${task.id} ${task.title} back to the queue?`
				: `Stop ${name}? It holds no task.`,
		isBusy: busy.length > 0,
		kept: many
			? ['branches, worktrees and commits']
			: task
				? [task.branch ? `${task.branch}${work ? `, ${work}` : ''}` : 'no branch was made yet', task.worktree].filter(Boolean)
				: [],
		released: locks(snapshot)
			.filter(row => row.kind !== 'task' && all.some(one => row.owner === agentName(one)))
			.map(row => said(row.label)),
		turn: `the running turn${many ? 's' : ''}${into}`,
		words: {
			interrupt: many ? 'they stay, and wait for you' : `${name} stays, waits for you`,
			retire: many ? 'they leave the team' : `${name} leaves the team`,
			kill: 'at once, no goodbye',
		},
		isLow: layout.rows < 22,
	};
};
type Stop = ReturnType<typeof stop>;

/** On a low screen what can be done comes first, and the facts have what is left. */
const LowStop = ({question, words, kept, released, isBusy, turn}: Stop) => (
	<>
		<Say tone="strong">{question}</Say>
		<Offers of="stop" words={words} />
		{kept[0] && (
			<Label name="kept" columns={5}>
				{kept[0]}
			</Label>
		)}
		{released.length > 0 && (
			<Label name="freed" columns={5}>
				{released.join(', ')}
			</Label>
		)}
		{isBusy && (
			<Label name="lost" columns={5}>
				{turn}
			</Label>
		)}
	</>
);

const TallStop = ({question, name, many, names, words, kept, released, isBusy, turn}: Stop) => (
	<>
		<Tell tone="strong">{question}</Tell>
		<Names all={names} />
		<Gap />
		{isBusy && <Fact name="what happens">{`${name} ${many ? 'are' : 'is'} asked to end, then made to; what is uncommitted is saved`}</Fact>}
		{inPlace(kept, (text, at) => (
			<Fact name={at === 0 ? 'kept' : ''}>{text}</Fact>
		))}
		{released.length > 0 && <Fact name="released">{`${released.length === 1 ? 'lock' : 'locks'} ${released.join(', ')}`}</Fact>}
		{isBusy && <Fact name="lost">{turn}</Fact>}
		{isBusy && <Gap />}
		<Offers of="stop" words={words} />
		<Gap />
		<T tone="dim">{'  Nothing is deleted.'}</T>
	</>
);

/** What a person ends with `x`, with the facts: what is kept and where, what is released, what is lost. */
const StopDialog = () => {
	const asked = useDialog('stop', stop);
	return asked && <Confirm title={`Stop ${asked.name}?`}>{asked.isLow ? <LowStop {...asked} /> : <TallStop {...asked} />}</Confirm>;
};

/** Rows of a dialog that offers a list: as many as it has place for, the chosen one among them. */
const inSight = <Row,>(rows: readonly Row[], at: number, {layout}: Drawing) => {
	const most = Math.max(1, Math.min(12, layout.rows - 12));
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	return {from, rows: rows.slice(from, from + most), more: Math.max(0, rows.length - most)};
};

const reassign = (drawing: Drawing, {task: id, others, chosen}: DialogOf<'reassign'>) => {
	const {snapshot} = drawing;
	const inner = widthIn(drawing) - 2;
	const task = snapshot.team.tasks.get(id);
	const choices = reassignChoices([id, ...others], snapshot);
	const at = Math.max(
		0,
		choices.findIndex(({agent}) => agent.id === chosen),
	);
	const {from, rows, more} = inSight(choices, at, drawing);
	const width = Math.min(16, Math.max(4, ...choices.map(({agent}) => agentName(agent.id).length)));
	const owner = task?.owner ? `from ${said(agentName(task.owner))}` : 'waiting in the queue';
	const many = others.length > 0;
	return {
		title: many ? `Reassign ${others.length + 1} tasks` : `Reassign ${said(id)}`,
		about: many ? [id, ...others].join('  ') : `${id} ${task?.title ?? ''}`,
		goes: `  ${many ? 'all go to one agent' : owner}; the work so far goes with ${many ? 'them' : 'it'}`,
		rows: rows.map(({agent, why}, index): {isOn: boolean; line: Line} => {
			const isOn = from + index === at;
			const tone = isOn ? 'strong' : agentLook(agent) === 'idle' ? 'plain' : 'dim';
			const reasons = span(cut(why.join(' · '), inner - width - 6), tone);
			return {isOn, line: [span(isOn ? '▸ ' : '  '), span(cell(agentName(agent.id), width), tone), span('  '), reasons]};
		}),
		more,
		footer: [span(`${at + 1} of ${choices.length}`, 'dim')],
	};
};

/** Who could take a task, the fittest first, each with what speaks for it. */
const ReassignDialog = () => {
	const tasks = useDialog('reassign', reassign);
	return (
		tasks && (
			<Confirm title={tasks.title} footer={tasks.footer}>
				<Say tone="strong">{tasks.about}</Say>
				<T tone="dim">{tasks.goes}</T>
				<Gap />
				{inPlace(tasks.rows, row => (
					<Item {...row} />
				))}
				{tasks.more > 0 && <T tone="dim">{`  … ${tasks.more} more`}</T>}
			</Confirm>
		)
	);
};

declare module '../keymap/row.ts' {
	interface OwnDialogs {
		copy: {readonly index: number};
	}
}

const copy = (drawing: Drawing, {index}: DialogOf<'copy'>): readonly {isOn: boolean; line: Line}[] => {
	const {keymap, isAscii, state} = drawing;
	const inner = widthIn(drawing) - 2;
	const letter = (action: string): string => keymap.rows.find(row => row.scope === 'copy' && row.action === action)?.keys[0] ?? '';
	return clippings({...state, dialog: undefined}, drawing, agent => drawing.tail(agent, 40)).map(({action, name, text}, at) => {
		const shown = text.split('\n').findLast(line => line.trim() !== '') ?? '';
		const lines = text.split('\n').length;
		const note = lines > 1 ? `${lines} lines, the last: ${shown}` : shown;
		const tone = text === '' ? 'dim' : at === index ? 'strong' : 'plain';
		return {
			isOn: at === index,
			line: [
				span(at === index ? '▸ ' : '  '),
				span(cell(keyLabel(letter(action), isAscii), 3), text === '' ? 'dim' : 'strong'),
				span(cell(name, 13), tone),
				span(cut(text === '' ? 'none now' : note, inner - 20), text === '' ? 'dim' : 'plain'),
			],
		};
	});
};

/** The menu of what can be copied, each with its letter and its beginning. */
const CopyDialog = () => {
	const rows = useDialog('copy', copy);
	return (
		rows && (
			<Confirm title="Copy">
				{inPlace(rows, row => (
					<Item {...row} />
				))}
			</Confirm>
		)
	);
};

const recruit = (drawing: Drawing, {index}: DialogOf<'recruit'>) => {
	const inner = widthIn(drawing) - 2;
	const kinds = recruits(drawing.snapshot);
	const {from, rows, more} = inSight(kinds, index, drawing);
	return {
		rows: rows.map(({role, harness, count}, at): {isOn: boolean; line: Line} => {
			const isOn = from + at === index;
			const tone = isOn ? 'strong' : 'plain';
			const note = span(cut(count === 0 ? 'none now' : `${count} in the team`, inner - 44), 'dim');
			return {isOn, line: [span(isOn ? '▸ ' : '  '), span(cell(role, 24), tone), span(cell(harness, 14), tone), note]};
		}),
		footer: more > 0 ? [span(`${index + 1} of ${kinds.length}`, 'dim')] : [],
	};
};

/** Who can join: a role and its program, and how many there are of them. */
const RecruitDialog = () => {
	const kinds = useDialog('recruit', recruit);
	return (
		kinds && (
			<Confirm title="New agent" footer={kinds.footer}>
				{inPlace(kinds.rows, row => (
					<Item {...row} />
				))}
				<Gap />
				<Tell most={3} tone="dim">
					It joins now, with a work tree of its own for each task, for as long as this room lives; `team` in the configuration keeps it.
				</Tell>
			</Confirm>
		)
	);
};

export const STOP: DialogKind<DialogOf<'stop'>> = {
	mode: 'CONFIRM',
	keys: [
		{scope: 'stop', keys: ['esc', 'enter'], action: 'close', label: 'keep working (default)', help: 'keep working', group: '', order: 1},
		{scope: 'stop', keys: ['i'], action: 'interrupt', label: 'interrupt', help: 'interrupt the turn only', group: '', order: 2},
		{scope: 'stop', keys: ['q'], action: 'stop', label: 'stop and requeue', help: 'stop, requeue its task', group: '', order: 3},
		{scope: 'stop', keys: ['b'], action: 'release', label: 'back to the queue', help: 'its task back to the queue', group: '', order: 4},
		{scope: 'stop', keys: ['w'], action: 'retire', label: 'retire', help: 'retire after its task', group: '', order: 5},
		{scope: 'stop', keys: ['X'], action: 'kill', label: 'kill', help: 'kill now, requeue its task', group: '', order: 6, isDanger: true},
	],
	update: answered((closed, {agent, others}, action, context) => stopAll(closed, [agent, ...others], action, context)),
	Part: StopDialog,
	// Before an agent is stopped, what it has made.
	lookups: ({agent, others}, {snapshot}) => {
		const task = others.length === 0 ? (snapshot.team.agents.get(agent)?.task ?? '') : '';
		return task ? [{what: 'patch', task}] : [];
	},
	over: (state, {agent}, context) =>
		context.snapshot.team.agents.has(agent) ? undefined : closedBecause(state, 'that agent is gone', context),
};

export const REASSIGN: DialogKind<DialogOf<'reassign'>> = {
	mode: 'REASSIGN',
	keys: [
		{scope: 'reassign', keys: ['enter'], action: 'choose', label: 'reassign', help: 'give the task to it', group: '', order: 1},
		{scope: 'reassign', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'reassign', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'reassign', keys: ['esc'], action: 'close', label: 'cancel', help: 'leave it where it is', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => reassignTo(state, dialog, action, context)),
	Part: ReassignDialog,
	over: (state, {task}, context) =>
		FINAL_STATES.includes(context.snapshot.team.tasks.get(task)?.state ?? 'merged')
			? closedBecause(state, `${task} is over already`, context)
			: undefined,
};

export const CONFIRM: DialogKind<DialogOf<'confirm'>> = {
	mode: 'CONFIRM',
	keys: [
		{
			scope: 'confirm',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'leave it (default)',
			help: 'leave it as it is',
			group: '',
			order: 1,
		},
		{scope: 'confirm', keys: ['y'], action: 'do', label: 'yes', help: 'do it', group: '', order: 2, isDanger: true},
	],
	update: answered((_closed, dialog, action, _context, state) => (action === 'do' ? confirmed(state, dialog) : undefined)),
	Part: ConfirmDialog,
	over: (state, dialog, context) =>
		isMoot(dialog, context.snapshot.team.tasks) ? closedBecause(state, 'that is over already', context) : undefined,
};

export const COPY: DialogKind<DialogOf<'copy'>> = {
	mode: 'COPY',
	title: 'copy',
	keys: [
		{scope: 'copy', keys: ['enter'], action: 'choose', label: 'copy', help: 'copy the marked one', group: '', order: 1},
		{scope: 'copy', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'copy', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'copy', keys: ['i'], action: 'id', label: '', help: 'its id', group: ''},
		{scope: 'copy', keys: ['a'], action: 'agent', label: '', help: 'its agent', group: ''},
		{scope: 'copy', keys: ['b'], action: 'branch', label: '', help: 'its branch', group: ''},
		{scope: 'copy', keys: ['w'], action: 'worktree', label: '', help: 'the path of its worktree', group: ''},
		{scope: 'copy', keys: ['c'], action: 'commit', label: '', help: 'its commit', group: ''},
		{scope: 'copy', keys: ['o'], action: 'output', label: '', help: 'its last output', group: ''},
		{scope: 'copy', keys: ['u'], action: 'question', label: '', help: 'what it asks', group: ''},
		{scope: 'copy', keys: ['esc', 'y'], action: 'close', label: 'close', help: 'close', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => updateCopy(state, dialog, action, context)),
	Part: CopyDialog,
};

export const RECRUIT: DialogKind<DialogOf<'recruit'>> = {
	mode: 'NEW AGENT',
	keys: [
		{scope: 'recruit', keys: ['enter'], action: 'choose', label: 'join', help: 'let it join', group: '', order: 1},
		{scope: 'recruit', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'recruit', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'recruit', keys: ['esc'], action: 'close', label: 'cancel', help: 'leave the team as it is', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => updateRecruit(state, dialog, action, context)),
	Part: RecruitDialog,
};
