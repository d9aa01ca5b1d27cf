import type {ActionResult} from '../../core/protocol/action.ts';
import {strayOwner} from '../../core/queue/stray.ts';
import {nextRole} from '../../core/task/stages.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {refusal} from '../../core/text/refusal.ts';
import {judgeBase} from '../merge/base.ts';
import type {Room} from '../parts/parts.ts';
import type {Word} from '../planning/decision.ts';
import {done} from './revoke.ts';

const short = (commit: string): string => commit.slice(0, 7);

const noAlarm = ({facts}: Pick<Room, 'facts'>): ActionResult =>
	refusal('gone', `Nothing is to be decided: ${facts.base} holds no work of an agent's that did not land.`, '');

/**
 * A person takes back what an agent has moved the base to: it goes to where it was before, if it stands at exactly that commit. The work stays on the attempt's
 * own branch. Refused where the base has moved on, or where a person's own files are in the way; nothing has changed then.
 */
export const undoBase = async (room: Room): Promise<ActionResult> => {
	await judgeBase(room);
	const {stray, strayFrom, strayTask} = room.record.team().control;
	if (stray === '') return noAlarm(room);
	const keep = '`agent-room keep-base` keeps it.';
	if (strayFrom === '')
		return refusal(
			'changed',
			`${room.facts.base} cannot be taken back in one step: other commits lie between the moves.`,
			`Take off what must go with git, or ${keep}`,
		);
	room.merges.moves.decided = `${room.facts.base} was taken back to ${short(strayFrom)} by you: ${strayTask} goes its usual way`;
	const taken = await room.facts.guardian.takeBack({from: stray, to: strayFrom}).catch((error: unknown) => {
		room.merges.moves.decided = '';
		throw error;
	});
	if (taken.kind !== 'done') room.merges.moves.decided = '';
	if (taken.kind === 'moved')
		return refusal(
			'changed',
			`${room.facts.base} stands at ${short(taken.head)}, not at ${short(stray)}: somebody has moved it since.`,
			`Take off what must go with git, or ${keep}`,
		);
	if (taken.kind === 'held')
		return refusal('held', `${room.facts.base} cannot be taken back now: ${taken.reason}.`, 'Move it out of the way, then try again.');
	await judgeBase(room);
	return done(`${room.facts.base} is back at ${short(strayFrom)}; merging goes on`);
};

/** It is the person's: what an agent has moved the base to stays, and what is tested is built on it. */
export const keepBase = async (room: Room): Promise<ActionResult> => {
	await judgeBase(room);
	const {stray, strayTask, strayAgent} = room.record.team().control;
	if (stray === '') return noAlarm(room);
	const whose = strayOwner({stray, strayAgent, strayTask});
	const written = await room.link.coordination.unstray(
		stray,
		`${room.facts.base} keeps ${short(stray)}, the work of ${whose}: kept by you`,
	);
	if (written === 'stale') return refusal('changed', `${room.facts.base} has moved since.`, 'Look again.');
	room.merges.moves.alarm = undefined;
	room.lifecycle.requestTick();
	return done(
		`${room.facts.base} keeps ${short(stray)}; merging goes on. \`agent-room cancel ${strayTask}\` ends its task, where nothing is left to do.`,
	);
};

/** A person's word on a task whose landing was taken off the base: it goes to its test again with the work that it has, or it is dropped. */
export const decideUnmerged = async (
	{facts, link, lifecycle}: Pick<Room, 'facts' | 'link' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	if (word.type === 'request-changes') {
		const written = await link.coordination.cancel(task.id, `${task.waitReason}, and dropped by you`);
		lifecycle.requestTick();
		return written === 'ok'
			? done(`${task.id} is dropped; its work stays on its branch`)
			: refusal('changed', `${task.id} asks that no more.`, 'Look again.');
	}
	const written = await link.coordination.decide({
		...{task: task.id, decision: 'unmerged', next: 'test', nextRole: nextRole('test', task)},
		...{fields: {reason: '', feedback: ''}, text: 'merged again, as you want it'},
	});
	lifecycle.requestTick();
	if (written !== 'ok') return refusal('changed', `${task.id} asks that no more.`, 'Look again.');
	return done(`${task.id} is merged into ${facts.base} again, once its tests have passed`);
};
