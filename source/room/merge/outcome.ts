import {nextRole, nextStage, PIPELINE} from '../../core/task/stages.ts';
import type {Stage, Task} from '../../core/task/task.ts';
import type {Completion} from '../../core/team/coordination.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {cleanup} from '../attempt/cleanup.ts';
import {conflictFields} from '../attempt/conflict.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';

const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

type Ends = Exclude<NothingToRun['outcome'], 'later' | 'wait'>;

type Course = Pick<Completion, 'word' | 'fields' | 'counts'> & {readonly next: Stage | 'merged' | 'needs-decision'};

const courseOf = (
	room: Pick<Room, 'facts' | 'record'>,
	task: Task,
	{outcome, text, commit, ...held}: NothingToRun & {readonly outcome: Ends},
): Course => {
	const ways = waysOf(room);
	const [reason = ''] = text.split('\n');
	switch (outcome) {
		case 'merged':
			return {next: 'merged', word: 'merged', fields: {mergedCommit: commit, waitReason: ''}, counts: 'none'};
		case 'removed': {
			// Its feedback is there since its tests failed.
			const fields = {reason, ...NO_CANDIDATE, removals: String(task.removals + 1)};
			return {next: nextStage(task, 'failed', ways) ?? task.firstStage, word: 'failed', fields, counts: 'failures'};
		}
		case 'conflict': {
			// Not its agent's fault, and each time the base must have moved: it costs no attempt.
			const fields = {reason, feedback: text, ...conflictFields(task, commit), ...NO_CANDIDATE};
			return {next: nextStage(task, 'conflict', ways) ?? task.firstStage, word: 'conflict', fields, counts: 'none'};
		}
		case 'held':
			return {
				next: 'needs-decision',
				word: 'held',
				fields: {...NO_CANDIDATE, ...held.fields, decision: held.decision ?? 'checks', waitReason: reason, feedback: text},
				counts: 'none',
			};
		default:
			return {next: task.firstStage, word: outcome, fields: {reason, feedback: text, ...NO_CANDIDATE}, counts: 'failures'};
	}
};

/** Records the outcome where nothing had to run: git or the merge queue knew it already. */
export const recordOutcome = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	agent: PlannedAgent,
	task: Task,
	token: string,
	settled: NothingToRun,
): Promise<void> => {
	const {outcome, text} = settled;
	if (outcome === 'later' || outcome === 'wait') {
		const waitReason = cleanText(text, 300);
		// It keeps its place, and its tests count, where it only waits.
		const fields = {...(outcome === 'later' ? NO_CANDIDATE : {}), waitReason};
		await room.link.retryUntilWritten(() =>
			room.link.coordination.release({task: task.id, token, reason: waitReason, to: task.assigned, fields}),
		);
		return;
	}
	const {next, word, fields, counts} = courseOf(room, task, {...settled, outcome});
	const written = await room.link.retryUntilWritten(() =>
		room.link.coordination.complete({
			task: task.id,
			agent: agent.id,
			token,
			stage: task.stage,
			next,
			nextRole: next === 'needs-decision' ? '' : nextRole(next, task),
			word,
			fields,
			counts,
			delayMs: 0,
			text: cleanText(text.split('\n')[0] ?? PIPELINE[task.stage].word, 300),
		}),
	);
	if (written.code === 'refused') throw new Error(written.reason);
	if (outcome === 'removed' && written.code !== 'stale')
		await room.link.coordination.appendEvent({type: 'entry_removed', task: task.id, agent: agent.id, text: cleanText(text, 300)});
	if (written.code === 'ok' && outcome === 'merged') await cleanup(room, task);
};
