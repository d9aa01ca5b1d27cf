import {isAsking} from '../../core/task/task.ts';
import {formatDuration} from '../../core/text/format.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {terminate} from '../attempt/end.ts';
import {INTERRUPTED} from '../attempt/judge.ts';
import type {Unanswered} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';
import {isTeam} from '../remote/share.ts';

/** Time to end for a program whose question is refused, ms. */
const GRACE_MS = 3000;
/** Characters of a question in a reason and in the last lines. */
const QUESTION_KEPT = 200;

/** One open question: `key` changes with the question, `refuse` ends it; false if it was answered meanwhile. */
type Open = {readonly key: string; readonly asked: Unanswered; readonly refuse: (reason: string) => Promise<boolean>};

const openQuestions = (room: Room, hasDecisions: boolean): readonly Open[] => {
	const {link, record, slots} = room;
	const asking = slots.attempts().flatMap((attempt): readonly Open[] => {
		const [question] = attempt.questions;
		if (!question || attempt.isEnding || attempt.isPaused) return [];
		const held = {task: attempt.task.id, agent: attempt.agent.id, token: attempt.token};
		const refuse = async (unanswered: string): Promise<boolean> => {
			if (attempt.questions[0] !== question || attempt.isEnding) return false;
			const reason = attempt.isInterrupted ? INTERRUPTED : unanswered;
			const written = await terminate(room, attempt, {reason, graceMs: GRACE_MS, keepsSession: true}, fields =>
				link.retryUntilWritten(() =>
					link.coordination.refuse({task: held.task, token: held.token, decision: '', reason, feedback: question.detail, fields}),
				),
			);
			return written === 'ok';
		};
		return [{key: question.id, asked: {...held, question: plainTextLine(question.text, QUESTION_KEPT)}, refuse}];
	});
	if (!hasDecisions) return asking;
	const decisions = [...record.team().tasks.values()].flatMap((task): readonly Open[] => {
		const {id, state, decision, waitReason, stageAt} = task;
		if (state !== 'blocked' || !isAsking(task)) return [];
		const question = plainTextLine(waitReason || 'needs your decision', QUESTION_KEPT);
		const refuse = async (reason: string): Promise<boolean> => {
			const given = {task: id, token: '', decision, reason, feedback: '', fields: {}} as const;
			return (await link.retryUntilWritten(() => link.coordination.refuse(given))) === 'ok';
		};
		return [{key: `${id} ${decision} ${stageAt} ${waitReason}`, asked: {task: id, agent: '', question}, refuse}];
	});
	return [...asking, ...decisions];
};

/**
 * `run --until-empty`: refuses a question without an answer for `unattended`, so that a run always ends. The clock of each question stops while a
 * terminal is attached. Decisions about tasks of a team are left to its other rooms. `areTimed`: decisions have a clock, so the end waits for them.
 */
export const watchQuestions = (
	room: Room,
): {readonly areTimed: boolean; readonly unanswered: readonly Unanswered[]; readonly look: () => Promise<void>} => {
	const {facts, record, lifecycle} = room;
	const {unattended} = facts.config;
	const {untilEmpty} = facts.options;
	const hasDecisions = untilEmpty && !isTeam(room);
	const limitMs = unattended === 'refuse' ? 0 : unattended === 'wait' ? Number.POSITIVE_INFINITY : unattended;
	const unanswered: Unanswered[] = [];
	let waited: ReadonlyMap<string, number> = new Map();
	let lookedAt = performance.now();
	return {
		areTimed: hasDecisions,
		unanswered,
		look: async () => {
			const now = performance.now();
			const passed = record.getSnapshot().room.terminals > 0 ? 0 : now - lookedAt;
			lookedAt = now;
			if (!untilEmpty || !lifecycle.isOpen() || room.link.isRecovering()) return;
			const open = openQuestions(room, hasDecisions);
			// A question counts from the look that finds it.
			waited = new Map(open.map(({key}) => [key, waited.has(key) ? (waited.get(key) ?? 0) + passed : 0]));
			if (record.getSnapshot().room.terminals > 0) return;
			const over = open.filter(({key}) => (waited.get(key) ?? 0) >= limitMs);
			await Promise.all(
				over.map(async ({asked, refuse}) => {
					const why = limitMs === 0 ? 'no one to answer' : `no one answered for ${formatDuration(limitMs)}`;
					if (await refuse(`${why}: ${asked.question}`)) unanswered.push(asked);
				}),
			);
			if (over.length > 0) lifecycle.requestTick();
		},
	};
};
