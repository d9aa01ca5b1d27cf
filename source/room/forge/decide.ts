import {sortComments} from '../../core/forge/next.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {nextRole} from '../../core/task/stages.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {plainText, plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {Room} from '../parts/parts.ts';
import type {Word} from '../planning/decision.ts';
import {askForge} from './ask.ts';
import {MOST_AT_ONCE, sendBack} from './watch.ts';

const changed = (id: string): ActionResult =>
	refusal('changed', `Task ${id} no longer waits for its pull request.`, 'See `agent-room status`.');

/** You return it to its author: with your words, and with the comments that were not passed on yet. */
const goesBack = async (room: Room, task: WholeTask, reason: string): Promise<ActionResult> => {
	const {number} = task.pull;
	const said = task.pull.waiting > 0 ? await askForge(room, 'comments', {number, since: ''}) : undefined;
	const {asked, waiting} = sortComments(task.pull, said?.ok ? said.comments : []);
	const written = await sendBack(room, task, {
		reason: `changes requested by you: ${plainTextLine(reason, 200)}`,
		feedback: `must-fix: ${plainText(reason, 8000)}`,
		comments: [...asked, ...waiting].slice(0, MOST_AT_ONCE),
		fields: task.decision === 'closed' || number === 0 ? {} : {pullState: 'open'},
	});
	room.lifecycle.requestTick();
	return written === 'ok' ? {ok: true, text: `requested changes; ${task.id} is back in ${task.firstStage}`} : changed(task.id);
};

/** Your decision on a task with an open pull request: merge it as soon as it may be, or return it to its author. */
export const decidePull = async (room: Room, task: WholeTask, word: Word): Promise<ActionResult> => {
	if (word.type === 'request-changes') return goesBack(room, task, word.reason);
	const {head, number} = task.pull;
	if (number === 0) return refusal('early', `The pull request of ${task.feature} is not open yet.`, `${task.id} is ${task.waitReason}.`);
	const written = await room.link.coordination.pullRequest({
		...{task: task.id, head, outcome: 'kept', role: '', mergedCommit: ''},
		...{text: `merge of pull request #${number} requested by you`, fields: {pullWanted: '1'}},
	});
	room.lifecycle.requestTick();
	return written === 'ok' ? {ok: true, text: `pull request #${number} merges once its checks have passed`} : changed(task.id);
};

/** Your decision on a pull request that somebody closed: it is opened again, or its author gets your words. */
export const decideClosed = async (room: Room, task: WholeTask, word: Word): Promise<ActionResult> => {
	if (word.type === 'request-changes') return goesBack(room, task, word.reason);
	const {head, number} = task.pull;
	const written = await room.link.coordination.pullRequest({
		...{task: task.id, head, outcome: 'test', role: nextRole('test', task), mergedCommit: ''},
		...{text: `pull request #${number} opened again by you`, fields: {pullState: 'open'}},
	});
	room.lifecycle.requestTick();
	return written === 'ok' ? {ok: true, text: `${task.id} is tested again; then its pull request is opened again`} : changed(task.id);
};
