import {agentName} from '../../../core/agent.ts';
import {keyLabel} from '../../keymap.ts';
import {ageOf} from '../../model/ages.ts';
import {locks} from '../../model/locks.ts';
import type {Dialog} from '../../state/dialogs.ts';

import {type Drawing, teamNow} from '../context.ts';
import {labelled} from '../pane.ts';
import {cut, said, span} from '../text.ts';
import {confirm, fact, offers, widthIn} from './confirm.ts';
import type {DialogContent} from './dialog.ts';
import {frozenDialog, thawDialog} from './frozen.ts';

type Choice = Extract<Dialog, {kind: 'unlock' | 'quit' | 'frozen' | 'thaw' | 'kill-all' | 'lesson' | 'cancel' | 'revert'}>;

/** The dialogs of a few letters: each says what happens, what is kept and what is lost, and names its safe default. */
export const choiceDialog = (drawing: Drawing, dialog: Choice): DialogContent => {
	switch (dialog.kind) {
		case 'unlock':
			return unlockDialog(drawing, dialog.name);
		case 'quit':
			return quitDialog(drawing);
		case 'frozen':
			return frozenDialog(drawing, dialog.at);
		case 'thaw':
			return thawDialog(drawing, dialog);
		case 'kill-all':
			return killDialog(drawing);
		case 'cancel':
			return cancelDialog(drawing, dialog.task);
		case 'revert':
			return revertDialog(drawing, dialog.task);
		case 'lesson':
			return lessonDialog(drawing, dialog.agent);
	}
};

const cancelDialog = (drawing: Drawing, id: string): DialogContent => {
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

const revertDialog = (drawing: Drawing, id: string): DialogContent => {
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

const unlockDialog = (drawing: Drawing, name: string): DialogContent => {
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

const quitDialog = (drawing: Drawing): DialogContent => {
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

const killDialog = (drawing: Drawing): DialogContent => {
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

const lessonDialog = (drawing: Drawing, agent: string): DialogContent => {
	const leader = keyLabel(drawing.keymap.leader, drawing.isAscii);
	return confirm(drawing, `Typing into ${said(agentName(agent))}`, [
		[span('  Every key goes to the agent, ctrl+c and esc included.')],
		[span(`  ${leader} brings you back.`, 'strong'), span(` (ctrl and ${drawing.keymap.leader.slice(5)})`, 'dim')],
		[],
		[span(`  Press ${leader} now: it takes you in, and the next one out again.`)],
	]);
};
