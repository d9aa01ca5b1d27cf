import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {confirm, fact, offers, widthIn} from '../draw/dialog-box.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {locks} from '../model/locks.ts';
import {ageOf} from '../model/time.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {typeInto} from '../state/focus.ts';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, type Updated, unchanged} from '../state/message.ts';
import {reassignChoices} from '../state/selection.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {cut, labelled, said, span} from '../text/text.ts';
import {doAll} from './confirm.ts';

export type Choice = Extract<
	Dialog,
	{
		kind:
			| 'stop'
			| 'reassign'
			| 'unlock'
			| 'quit'
			| 'frozen'
			| 'thaw'
			| 'kill-all'
			| 'lesson'
			| 'cancel'
			| 'revert'
			| 'merge'
			| 'confirm'
			| 'copy'
			| 'recruit'
			| 'settings';
	}
>;

/** Another key than the way back was tried: on a keyboard that has no such key, it may be the one to take. */
export const otherKey = (key: string, {keymap}: Context): string => {
	const hint = parseLeader(key) ? `; \`keys: {leader: ${key}}\` in your config would make it this one` : '';
	return `That was ${key}. The way back is ${keymap.leader}${hint}.`;
};

export const learn = (state: ViewState, agent: string, context: Context): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent, context);
	return and(next, {type: 'learned'}, ...commands);
};

const WORDS: Readonly<Record<string, string>> = {
	interrupt: 'interrupted',
	stop: 'stopped',
	kill: 'killed',
	release: 'given back',
	retire: 'retired',
};

/** What `x` does to one agent, or to all that are marked; undefined for no action of its menu. */
export const stop = (closed: ViewState, ids: readonly string[], action: string, {snapshot}: Context): Updated | undefined => {
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

export const reassign = (state: ViewState, dialog: Extract<Choice, {kind: 'reassign'}>, action: string, {snapshot}: Context): Updated => {
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

export type ChoiceDialog = Extract<Dialog, {kind: 'unlock' | 'quit' | 'frozen' | 'thaw' | 'kill-all' | 'lesson' | 'cancel' | 'revert'}>;

export const cancelDialog = (drawing: Drawing, id: string): DialogContent => {
	const {tasks} = drawing.snapshot.team;
	const inner = widthIn(drawing) - 2;
	const task = tasks.get(id);
	const waiting = [...tasks.values()].filter(({after, state}) => after.includes(id) && state === 'blocked').map(other => other.id);
	const stops = task?.state === 'leased' ? `${agentName(task.owner)} is told to stop` : 'nobody works on it now';
	return confirm(drawing, 'Cancel a task?', [
		[span(`  ${cut(`Cancel ${id} ${task?.title ?? ''}?`, inner - 4)}`, 'strong')],
		[],
		labelled('what happens', stops, 14, inner),
		...(waiting.length > 0 ? [labelled('left waiting', waiting.join(', '), 14, inner)] : []),
		labelled('kept', task?.branch ? `its work so far, on ${said(task.branch)}` : 'nothing was made yet', 14, inner),
		labelled('lost', 'its place in the queue: it cannot be brought back', 14, inner),
		[],
		...offers(drawing, 'cancel'),
	]);
};

export const revertDialog = (drawing: Drawing, id: string): DialogContent => {
	const inner = widthIn(drawing) - 2;
	const task = drawing.snapshot.team.tasks.get(id);
	return confirm(drawing, 'Revert a landing?', [
		[span(`  ${cut(`Take back ${id} ${task?.title ?? ''}, landed as ${task?.landed.slice(0, 9) ?? ''}?`, inner - 4)}`, 'strong')],
		[],
		...fact('what happens', 'the room commits its revert: it is tested, then lands', inner),
		...(drawing.layout.rows < 20 ? [] : fact('a conflict', 'with what came since goes to an agent, as a task', inner)),
		...fact('kept', 'the landing, until that has passed', inner),
		[],
		...offers(drawing, 'revert'),
	]);
};

export const unlockDialog = (drawing: Drawing, name: string): DialogContent => {
	const inner = widthIn(drawing) - 2;
	const row = locks(drawing.snapshot).find(candidate => candidate.lock.name === name);
	return confirm(drawing, 'Unlock?', [
		[span(`  ${cut(`Take ${row?.label ?? name} from ${row?.owner ?? 'its owner'}?`, inner - 4)}`, 'strong')],
		[],
		labelled('held for', row ? ageOf(row.lock.takenAt, teamNow(drawing)) : '', 14, inner),
		labelled('what happens', 'its owner is told; who waits is given it next', 14, inner),
		[],
		...offers(drawing, 'unlock'),
	]);
};

export const quitDialog = (drawing: Drawing): DialogContent => {
	const {snapshot} = drawing;
	const busy = [...snapshot.team.agents.values()].filter(agent => agent.task !== '').length;
	const others =
		snapshot.room.terminals > 1
			? ` ${snapshot.room.terminals - 1} other terminal${snapshot.room.terminals > 2 ? 's look' : ' looks'} at this room.`
			: '';
	return confirm(drawing, 'Leave the room?', [
		[span(`  ${busy === 0 ? 'Nobody is at work.' : `${busy} agent${busy === 1 ? ' is' : 's are'} at work.`}${others}`, 'strong')],
		[],
		...offers(drawing, 'quit', quitWords(drawing, busy)),
	]);
};

const quitWords = ({layout}: Drawing, busy: number): Readonly<Record<string, string>> =>
	layout.columns < 60
		? {close: ''}
		: {
				detach: '`agent-room` comes back',
				'wind-down': busy === 0 ? 'at once: nobody is in a turn' : 'nothing new begins, P calls it off',
				stop: 'turns are cut, tasks are requeued',
				kill: 'at once, worktrees and commits stay',
				close: '',
			};

export const killDialog = (drawing: Drawing): DialogContent => {
	const inner = widthIn(drawing) - 2;
	const agents = [...drawing.snapshot.team.agents.values()].filter(agent => agent.status !== 'stopped' && agent.status !== 'dead').length;
	return confirm(drawing, 'Kill all agents?', [
		[span(`  Kill ${agents} agents with everything they started?`, 'dead')],
		[],
		labelled('kept', 'worktrees, branches, commits; tasks go back to the queue', 14, inner),
		labelled('lost', 'every running turn', 14, inner),
		[],
		...offers(drawing, 'kill-all'),
	]);
};

export const lessonDialog = (drawing: Drawing, agent: string): DialogContent => {
	const leader = keyLabel(drawing.keymap.leader, drawing.isAscii);
	return confirm(drawing, `Typing into ${said(agentName(agent))}`, [
		[span('  Every key goes to the agent, ctrl+c and esc included.')],
		[span(`  ${leader} brings you back.`, 'strong'), span(` (ctrl and ${drawing.keymap.leader.slice(5)})`, 'dim')],
		[],
		[span(`  Press ${leader} now: it takes you in, and the next one out again.`)],
	]);
};
