import {nextRole, nextStage, PIPELINE} from '../../core/task/stages.ts';
import type {Stage, Task} from '../../core/task/task.ts';
import type {Completion} from '../../core/team/coordination.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {conflictFields} from '../attempt/conflict.ts';
import {tidy} from '../attempt/tidy.ts';
import type {Settled} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';

/** A candidate that is given up. */
const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

type Ends = Exclude<Settled['outcome'], 'later'>;

type Course = Pick<Completion, 'word' | 'fields' | 'counts'> & {readonly next: Stage | 'merged' | 'ask'};

const courseOf = (
	room: Pick<Room, 'facts' | 'record'>,
	task: Task,
	{outcome, text, commit, ...held}: Settled & {readonly outcome: Ends},
): Course => {
	const ways = waysOf(room);
	const [reason = ''] = text.split('\n');
	switch (outcome) {
		case 'landed':
			return {next: 'merged', word: 'merged', fields: {landed: commit, hold: ''}, counts: 'none'};
		case 'ejected': {
			// Its feedback is there since its tests failed.
			const fields = {reason, ...NO_CANDIDATE, ejections: String(task.ejections + 1)};
			return {next: nextStage(task, 'failed', ways) ?? task.home, word: 'failed', fields, counts: 'failures'};
		}
		case 'conflict': {
			// Nobody's fault, and each time the base has to have moved: it costs no attempt.
			const fields = {reason, feedback: text, ...conflictFields(task, commit), ...NO_CANDIDATE};
			return {next: nextStage(task, 'conflict', ways) ?? task.home, word: 'conflict', fields, counts: 'none'};
		}
		case 'held':
			return {
				next: 'ask',
				word: 'held',
				fields: {...NO_CANDIDATE, ...held.fields, asks: held.asks ?? 'checks', hold: reason, feedback: text},
				counts: 'none',
			};
		default:
			return {next: task.home, word: outcome, fields: {reason, feedback: text, ...NO_CANDIDATE}, counts: 'failures'};
	}
};

/** Nothing had to run: git, or the train, knew the outcome already. */
export const settle = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	agent: PlannedAgent,
	task: Task,
	token: string,
	settled: Settled,
): Promise<void> => {
	const {outcome, text} = settled;
	if (outcome === 'later') {
		const hold = cleanText(text, 300);
		const fields = {...NO_CANDIDATE, hold};
		await room.link.persist(() => room.link.coordination.release({task: task.id, token, reason: hold, to: task.assigned, fields}));
		return;
	}
	const {next, word, fields, counts} = courseOf(room, task, {...settled, outcome});
	const written = await room.link.persist(() =>
		room.link.coordination.complete({
			task: task.id,
			agent: agent.id,
			token,
			stage: task.stage,
			next,
			nextRole: next === 'ask' ? '' : nextRole(next, task),
			word,
			fields,
			counts,
			delayMs: 0,
			text: cleanText(text.split('\n')[0] ?? PIPELINE[task.stage].word, 300),
		}),
	);
	if (written.code === 'refused') throw new Error(written.reason);
	if (outcome === 'ejected' && written.code !== 'stale')
		await room.link.coordination.note({type: 'car_ejected', task: task.id, agent: agent.id, text: cleanText(text, 300)});
	if (written.code === 'ok' && outcome === 'landed') await tidy(room, task);
};
