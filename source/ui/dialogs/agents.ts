import {agentName} from '../../core/agent/agent.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {confirm, fact, offers, widthIn} from '../draw/dialog-box.ts';
import {keyLabel} from '../keymap/keymap.ts';
import type {Scope} from '../keymap/row.ts';
import {locks} from '../model/locks.ts';
import {lookOf as agentLook} from '../model/looks.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import type {Confirm} from '../state/open.ts';
import {reassignChoices} from '../state/selection.ts';
import {type Dialog, lookOf, type ViewState} from '../state/state.ts';
import {cell, cut, type Line, labelled, said, span, wrap} from '../text/text.ts';
import {clippings} from './confirm.ts';

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

export const updateRecruit = (
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

type Of<K extends Dialog['kind']> = Extract<Dialog, {kind: K}>;

/** Names in as many rows as they take, four at most. */
const names = (all: readonly string[], inner: number): readonly Line[] =>
	all.length < 2 ? [] : wrap(all.join('  '), inner - 4, 4).map((row): Line => [span(`  ${row}`)]);

/** The question before many rows, or before what is not undone. */
export const confirmDialog = (drawing: Drawing, dialog: Confirm): DialogContent => {
	const inner = widthIn(drawing) - 2;
	return confirm(drawing, said(dialog.title), [
		...wrap(dialog.question, inner - 4, 2).map((row): Line => [span(`  ${row}`, 'strong')]),
		...names(dialog.names, inner),
		[],
		...dialog.facts.flatMap(([label, text]) => fact(label, text, inner)),
		...(dialog.facts.length > 0 ? [[]] : []),
		...offers(drawing, 'confirm').map((line, index) =>
			index === 1 ? [...line.slice(0, 2), span(cut(dialog.order, inner - 10), 'strong')] : line,
		),
	]);
};

/** What a person ends with `x`, with the facts: what is kept and where, what is released, what is lost. */
export const stopDialog = (drawing: Drawing, {agent: id, others}: Of<'stop'>): DialogContent => {
	const {snapshot, state} = drawing;
	const inner = widthIn(drawing) - 2;
	const all = [id, ...others];
	const many = all.length > 1;
	const {agents, tasks} = snapshot.team;
	const agent = agents.get(id);
	const task = tasks.get(agent?.task ?? '');
	const name = many ? `${all.length} agents` : said(agentName(id));
	const held = locks(snapshot)
		.filter(row => row.kind !== 'task' && all.some(one => row.owner === agentName(one)))
		.map(row => said(row.label));
	const busy = all.filter(one => agents.get(one)?.task);
	const question = many
		? `Stop ${name} and give ${busy.length === 1 ? 'a task' : `${busy.length} tasks`} back to the queue?`
		: task
			? `Stop ${name} and give ${task.id} ${task.title} back to the queue?`
			: `Stop ${name}? It holds no task.`;
	const change = task && !many ? lookOf(state, 'patch', task.id) : undefined;
	const work =
		change?.total === 0
			? 'nothing changed yet'
			: change
				? `${change.total} changed ${change.total === 1 ? 'file' : 'files'} +${change.added} -${change.removed}`
				: '';
	const where = many
		? ['branches, worktrees and commits']
		: task
			? [task.branch ? `${task.branch}${work ? `, ${work}` : ''}` : 'no branch was made yet', task.worktree].filter(Boolean)
			: [];
	const spent = busy.reduce((sum, one) => sum + (tasks.get(agents.get(one)?.task ?? '')?.spent ?? 0), 0);
	const turn = `the running turn${many ? 's' : ''}${spent > 0 ? `; ${dollars(spent)} went into ${busy.length === 1 ? 'the task' : 'these tasks'} so far` : ''}`;
	const words = {
		interrupt: many ? 'they stay, and wait for you' : `${name} stays, waits for you`,
		retire: many ? 'they leave the team' : `${name} leaves the team`,
		kill: 'at once, no goodbye',
	};
	const losses = busy.length > 0 ? fact('lost', turn, inner) : [];
	// On a low screen what can be done comes first, and the facts have what is left.
	if (drawing.layout.rows < 22)
		return confirm(drawing, `Stop ${name}?`, [
			[span(`  ${cut(question, inner - 4)}`, 'strong')],
			...offers(drawing, 'stop', words),
			...(where[0] ? [labelled('kept', where[0], 5, inner)] : []),
			...(held.length > 0 ? [labelled('freed', held.join(', '), 5, inner)] : []),
			...(busy.length > 0 ? [labelled('lost', turn, 5, inner)] : []),
		]);
	return confirm(drawing, `Stop ${name}?`, [
		...wrap(question, inner - 4, 2).map((row): Line => [span(`  ${row}`, 'strong')]),
		...names(all.map(agentName), inner),
		[],
		...(busy.length > 0
			? fact('what happens', `${name} ${many ? 'are' : 'is'} asked to end, then made to; what is uncommitted is saved`, inner)
			: []),
		...where.flatMap((text, index) => fact(index === 0 ? 'kept' : '', text, inner)),
		...(held.length > 0 ? fact('released', `${held.length === 1 ? 'lock' : 'locks'} ${held.join(', ')}`, inner) : []),
		...(losses.length > 0 ? [...losses, []] : []),
		...offers(drawing, 'stop', words),
		[],
		[span('  Nothing is deleted.', 'dim')],
	]);
};

/** Who could take a task, the fittest first, each with what speaks for it. */
export const reassignDialog = (drawing: Drawing, {task: id, others, chosen}: Of<'reassign'>): DialogContent => {
	const {snapshot, layout} = drawing;
	const inner = widthIn(drawing) - 2;
	const task = snapshot.team.tasks.get(id);
	const choices = reassignChoices([id, ...others], snapshot);
	const at = Math.max(
		0,
		choices.findIndex(({agent}) => agent.id === chosen),
	);
	const most = Math.max(1, Math.min(12, layout.rows - 12));
	const from = Math.max(0, Math.min(choices.length - most, at - most + 1));
	const now = task?.owner ? `from ${said(agentName(task.owner))}` : 'waiting in the queue';
	const width = Math.min(16, Math.max(4, ...choices.map(({agent}) => agentName(agent.id).length)));
	const rows = choices.slice(from, from + most).map(({agent, why}, index): Line => {
		const isChosen = from + index === at;
		const tone = isChosen ? 'strong' : agentLook(agent) === 'idle' ? 'plain' : 'dim';
		return [
			span(isChosen ? '▸ ' : '  '),
			span(cell(agentName(agent.id), width), tone),
			span('  '),
			span(cut(why.join(' · '), inner - width - 6), tone),
		];
	});
	const more = choices.length > rows.length ? [[span(`  … ${choices.length - rows.length} more`, 'dim')]] : [];
	const about = others.length > 0 ? [id, ...others].join('  ') : `${id} ${task?.title ?? ''}`;
	return {
		...confirm(drawing, others.length > 0 ? `Reassign ${others.length + 1} tasks` : `Reassign ${said(id)}`, [
			[span(`  ${cut(about, inner - 4)}`, 'strong')],
			[span(`  ${others.length > 0 ? 'all go to one agent' : now}; the work so far goes with ${others.length > 0 ? 'them' : 'it'}`, 'dim')],
			[],
			...rows,
			...more,
		]),
		selected: 4 + at - from,
		footer: [span(`${at + 1} of ${choices.length}`, 'dim')],
	};
};

/** The menu of what can be copied, each with its letter and its beginning. */
export const copyDialog = (drawing: Drawing, {index}: Of<'copy'>): DialogContent => {
	const {keymap, isAscii, state} = drawing;
	const inner = widthIn(drawing) - 2;
	const all = clippings({...state, dialog: undefined}, drawing, agent => drawing.tail(agent, 40));
	const letter = (action: string): string =>
		keymap.rows.find(row => row.scope === ('copy' satisfies Scope) && row.action === action)?.keys[0] ?? '';
	const rows = all.map(({action, name, text}, at): Line => {
		const shown = text.split('\n').findLast(line => line.trim() !== '') ?? '';
		const lines = text.split('\n').length;
		const note = lines > 1 ? `${lines} lines, the last: ${shown}` : shown;
		const tone = text === '' ? 'dim' : at === index ? 'strong' : 'plain';
		return [
			span(at === index ? '▸ ' : '  '),
			span(cell(keyLabel(letter(action), isAscii), 3), text === '' ? 'dim' : 'strong'),
			span(cell(name, 13), tone),
			span(cut(text === '' ? 'none now' : note, inner - 20), text === '' ? 'dim' : 'plain'),
		];
	});
	return {...confirm(drawing, 'Copy', rows), selected: 1 + index};
};

/** Who can join: a role and its program, and how many there are of them. */
export const recruitDialog = (drawing: Drawing, {index}: Of<'recruit'>): DialogContent => {
	const inner = widthIn(drawing) - 2;
	const kinds = recruits(drawing.snapshot);
	const most = Math.max(1, Math.min(12, drawing.layout.rows - 12));
	const from = Math.max(0, Math.min(kinds.length - most, index - most + 1));
	const rows = kinds.slice(from, from + most).map(({role, harness, count}, at): Line => {
		const tone = from + at === index ? 'strong' : 'plain';
		return [
			span(from + at === index ? '▸ ' : '  '),
			span(cell(role, 24), tone),
			span(cell(harness, 14), tone),
			span(cut(count === 0 ? 'none now' : `${count} in the team`, inner - 44), 'dim'),
		];
	});
	return {
		...confirm(drawing, 'New agent', [
			...rows,
			[],
			...wrap(
				'It joins now, with a work tree of its own for each task, for as long as this room lives; `team` in the configuration keeps it.',
				inner - 4,
				3,
			).map((row): Line => [span(`  ${row}`, 'dim')]),
		]),
		selected: 1 + index - from,
		footer: kinds.length > most ? [span(`${index + 1} of ${kinds.length}`, 'dim')] : [],
	};
};
