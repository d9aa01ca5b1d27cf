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
	refusal('gone', `Nothing to decide: ${facts.base} contains no unmerged work of an agent.`, '');

/**
 * You revert an agent's move of the base: it returns to where it was, if it is at exactly that commit. The work stays on the attempt's branch.
 * Refused, with nothing changed, if the base has moved on or your uncommitted files are in the way.
 */
export const undoBase = async (room: Room): Promise<ActionResult> => {
	await judgeBase(room);
	const {stray, strayFrom, strayTask} = room.record.team().control;
	if (stray === '') return noAlarm(room);
	const keep = 'keep it with `agent-room keep-base`.';
	if (strayFrom === '')
		return refusal(
			'changed',
			`Cannot revert the move of ${room.facts.base}: there are other commits between.`,
			`Remove the commits with git, or ${keep}`,
		);
	room.merges.moves.decided = `you moved ${room.facts.base} back to ${short(strayFrom)}; ${strayTask} continues normally`;
	const taken = await room.facts.guardian.takeBack({from: stray, to: strayFrom}).catch((error: unknown) => {
		room.merges.moves.decided = '';
		throw error;
	});
	if (taken.kind !== 'done') room.merges.moves.decided = '';
	if (taken.kind === 'moved')
		return refusal(
			'changed',
			`${room.facts.base} is at ${short(taken.head)}, not at ${short(stray)}: it has moved since.`,
			`Remove the commits with git, or ${keep}`,
		);
	if (taken.kind === 'held')
		return refusal('held', `Cannot move ${room.facts.base} back: ${taken.reason}.`, 'Resolve that, then try again.');
	await judgeBase(room);
	return done(`${room.facts.base} is back at ${short(strayFrom)}; merging continues`);
};

/** You keep an agent's move of the base: tests build on it from now on. */
export const keepBase = async (room: Room): Promise<ActionResult> => {
	await judgeBase(room);
	const {stray, strayTask, strayAgent} = room.record.team().control;
	if (stray === '') return noAlarm(room);
	const whose = strayOwner({stray, strayAgent, strayTask});
	const written = await room.link.coordination.unstray(stray, `${room.facts.base} keeps ${short(stray)} by ${whose}: accepted by you`);
	if (written === 'stale') return refusal('changed', `${room.facts.base} has moved since.`, 'See `agent-room status`.');
	room.merges.moves.alarm = undefined;
	room.lifecycle.requestTick();
	return done(
		`${room.facts.base} keeps ${short(stray)}; merging continues. If nothing is left to do, run \`agent-room cancel ${strayTask}\`.`,
	);
};

/** A human's decision on a task whose merge was removed from the base: it is tested again with its present work, or cancelled. */
export const decideUnmerged = async (
	{facts, link, lifecycle}: Pick<Room, 'facts' | 'link' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	if (word.type === 'request-changes') {
		const written = await link.coordination.cancel(task.id, `${task.waitReason}, cancelled by you`);
		lifecycle.requestTick();
		return written === 'ok'
			? done(`cancelled ${task.id}; its work stays on its branch`)
			: refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	}
	const written = await link.coordination.decide({
		...{task: task.id, decision: 'unmerged', next: 'test', nextRole: nextRole('test', task)},
		...{fields: {reason: '', feedback: ''}, text: 'merge again requested by you'},
	});
	lifecycle.requestTick();
	if (written !== 'ok') return refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	return done(`${task.id} merges into ${facts.base} again after its tests pass`);
};

/** A human's decision on a task that the base may have merged: it is merged as that commit, or continues. */
export const decideNamed = async (
	{facts, link, lifecycle}: Pick<Room, 'facts' | 'link' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	const {id, unmergedCommit, stage} = task;
	const isMerged = word.type === 'approve';
	const written = isMerged
		? await link.coordination.remerge({
				...{task: id, was: unmergedCommit, mergedCommit: unmergedCommit},
				text: `${facts.base} contains it as ${short(unmergedCommit)}, confirmed by you`,
			})
		: await link.coordination.decide({
				...{task: id, decision: 'named', next: stage, nextRole: task.role},
				...{fields: {}, text: 'not merged yet: continued by you'},
			});
	lifecycle.requestTick();
	if (written !== 'ok') return refusal('changed', `Task ${id} no longer needs this decision.`, 'See `agent-room status`.');
	return done(isMerged ? `${id} is merged as ${short(unmergedCommit)}` : `${id} continues in ${stage}`);
};
