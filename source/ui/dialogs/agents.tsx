import {agentName, nameIn} from '../../core/agent/agent.ts';
import {roleLabel} from '../../core/agent/role-label.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {widthIn} from '../draw/dialog-box.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {lookOf as agentLook} from '../model/status-styles.ts';
import {Confirm, type DialogOf, Gap, Item, Say, Tell, useDialog} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {T} from '../parts/tone.tsx';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {reassignChoices} from '../state/selection.ts';
import type {ViewState} from '../state/state.ts';
import {cell, cut, type Line, said, span} from '../text/text.ts';
import {doAll} from './confirm.tsx';

const inSight = <Row,>(rows: readonly Row[], at: number, {layout}: Drawing) => {
	const most = Math.max(1, Math.min(12, layout.rows - 12));
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	return {from, rows: rows.slice(from, from + most), more: Math.max(0, rows.length - most)};
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
	return doAll(withoutMarks(closed), actions, `reassigned to ${agentName(agent.id)}`);
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
	const nameOf = ({id}: {readonly id: string}): string => nameIn(id, snapshot.team.agents);
	const width = Math.min(18, Math.max(4, ...choices.map(({agent}) => nameOf(agent).length)));
	const owner = task?.owner ? `from ${said(agentName(task.owner))}` : 'in the task queue';
	const many = others.length > 0;
	return {
		title: many ? `Reassign ${others.length + 1} tasks` : `Reassign ${said(id)}`,
		about: many ? [id, ...others].join('  ') : `${id} ${task?.title ?? ''}`,
		goes: `  ${many ? 'all go to one agent' : owner}; the work so far moves with ${many ? 'them' : 'it'}`,
		rows: rows.map(({agent, why}, index): {isOn: boolean; line: Line} => {
			const isOn = from + index === at;
			const tone = isOn ? 'strong' : agentLook(agent) === 'idle' ? 'plain' : 'dim';
			const reasons = span(cut(why.join(' · '), inner - width - 6), tone);
			return {isOn, line: [span(isOn ? '▸ ' : '  '), span(cell(nameOf(agent), width), tone), span('  '), reasons]};
		}),
		more,
		footer: [span(`${at + 1} of ${choices.length}`, 'dim')],
	};
};

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

export const REASSIGN: DialogKind<DialogOf<'reassign'>> = {
	mode: 'REASSIGN',
	keys: [
		{scope: 'reassign', keys: ['enter'], action: 'choose', label: 'reassign', help: 'reassign to it', group: '', order: 1},
		{scope: 'reassign', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'reassign', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'reassign', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => reassignTo(state, dialog, action, context)),
	Part: ReassignDialog,
	over: (state, {task}, context) =>
		FINAL_STATES.includes(context.snapshot.team.tasks.get(task)?.state ?? 'merged')
			? closedBecause(state, `${task} has already ended`, context)
			: undefined,
};

/** A kind of agent that can be added: a role with the program that it runs, and how many of it there are. */
export type AddAgent = {readonly role: string; readonly harness: string; readonly count: number};

/** Kinds of agents in this room's team, without the room's own programs. */
const membership = ({team, room}: RoomSnapshot): readonly AddAgent[] => {
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
export const openAddAgent = (state: ViewState, context: Context): Updated =>
	membership(context.snapshot).length > 0
		? unchanged({...state, dialog: {kind: 'add-agent', index: 0}})
		: refuse(state, 'No agents to add: list them under `team` in agent-room.yaml.', context);

const updateAddAgent = (
	state: ViewState,
	dialog: {readonly kind: 'add-agent'; readonly index: number},
	action: string,
	{snapshot}: Context,
): Updated => {
	const kinds = membership(snapshot);
	const step = action === 'next' ? 1 : action === 'previous' ? -1 : 0;
	if (step !== 0) return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(kinds.length - 1, dialog.index + step))}});
	const chosen = action === 'choose' ? kinds[dialog.index] : undefined;
	if (!chosen) return unchanged(state);
	return and({...state, dialog: undefined}, {type: 'dispatch', action: {type: 'add-agent', role: chosen.role, harness: chosen.harness}});
};

const addAgent = (drawing: Drawing, {index}: DialogOf<'add-agent'>) => {
	const inner = widthIn(drawing) - 2;
	const kinds = membership(drawing.snapshot);
	const {from, rows, more} = inSight(kinds, index, drawing);
	return {
		rows: rows.map(({role, harness, count}, at): {isOn: boolean; line: Line} => {
			const isOn = from + at === index;
			const tone = isOn ? 'strong' : 'plain';
			const note = span(cut(count === 0 ? 'none now' : `${count} in the team`, inner - 44), 'dim');
			return {isOn, line: [span(isOn ? '▸ ' : '  '), span(cell(roleLabel(role), 24), tone), span(cell(harness, 14), tone), note]};
		}),
		footer: more > 0 ? [span(`${index + 1} of ${kinds.length}`, 'dim')] : [],
	};
};

const AddAgentDialog = () => {
	const kinds = useDialog('add-agent', addAgent);
	return (
		kinds && (
			<Confirm title="Add agent" footer={kinds.footer}>
				{inPlace(kinds.rows, row => (
					<Item {...row} />
				))}
				<Gap />
				<Tell most={3} tone="dim">
					It joins now, with its own worktree for each task, until this room stops. To keep it, add it to `team` in agent-room.yaml.
				</Tell>
			</Confirm>
		)
	);
};

export const ADD_AGENT: DialogKind<DialogOf<'add-agent'>> = {
	mode: 'NEW AGENT',
	keys: [
		{scope: 'add-agent', keys: ['enter'], action: 'choose', label: 'add', help: 'add agent', group: '', order: 1},
		{scope: 'add-agent', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'add-agent', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'add-agent', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 3},
	],
	update: answered((_closed, dialog, action, context, state) => updateAddAgent(state, dialog, action, context)),
	Part: AddAgentDialog,
};
