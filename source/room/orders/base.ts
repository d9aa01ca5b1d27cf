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
 * A person takes back what an agent has moved the base to: it goes to where it was before, if it stands at exactly that commit. The work stays on the attempt's
 * own branch. Refused where the base has moved on, or where a person's own files are in the way; nothing has changed then.
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

/** It is the person's: what an agent has moved the base to stays, and what is tested is built on it. */
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

/** A person's word on a task whose landing was taken off the base: it goes to its test again with the work that it has, or it is dropped. */
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

/** A person's word on a task of which the base may hold the merge: it is merged as that commit, or goes on. */
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
