import type {ActionResult} from '../../core/protocol/action.ts';
import {nextRole, nextStage} from '../../core/task/stages.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {OnceOnBase} from '../../git/guardian/returning.ts';
import {isObjectId} from '../../git/process/names.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import type {Word} from '../planning/decision.ts';

/** Maximum of commits in the list. */
const MOST_TOLD = 20;
/** Maximum of commits named in the question itself. */
const MOST_NAMED = 2;

const told = ({commit, subject}: OnceOnBase): string => `${commit.slice(0, 7)} ${cleanText(subject, 80)}`.trim();

const question = (commits: readonly OnceOnBase[], base: string): string => {
	const named = commits.slice(0, MOST_NAMED).map(one => `\`${told(one)}\``);
	const more = commits.length > MOST_NAMED ? [`${commits.length - MOST_NAMED} more`] : [];
	const what = commits.length === 1 ? 'a commit' : `${commits.length} commits`;
	return `would restore ${what} that you removed from ${base}: ${[...named, ...more].join(', ')}`;
};

/**
 * A merge must bring only the task's own work. If it is based on commits that a human removed from the base, those would return with it: a human is
 * asked, with their names, before its candidate is built. Undefined: nothing returns that a human has not allowed.
 */
export const askReturning = async (
	{facts, merges}: Pick<Room, 'facts' | 'merges'>,
	task: Task,
	head: string,
): Promise<NothingToRun | undefined> => {
	// Work of the task that was reverted from the base is still its own.
	const left = merges.moves.left.filter(({of}) => of !== task.id).map(({commit}) => commit);
	if (left.length === 0 || !isObjectId(task.commit)) return undefined;
	const {commits, tips} = await facts.guardian.returningWith({
		...{commit: task.commit, head, left},
		letBack: task.letBack.filter(isObjectId),
	});
	if (commits.length === 0) return undefined;
	const rest = commits.length > MOST_TOLD ? [`and ${commits.length - MOST_TOLD} more`] : [];
	const text = [question(commits, facts.base), '', ...commits.slice(0, MOST_TOLD).map(told), ...rest].join('\n');
	return {outcome: 'held', decision: 'returns', text, commit: '', fields: {returns: tips.join(',')}};
};

/** It restarts from the base; its work stays where it is, and the next agent is told what must not return. */
const anew = (task: WholeTask, base: string, why: string): Readonly<Record<string, string>> => ({
	...{fresh: '1', commit: '', session: '', handoff: '', conflictWith: '', conflicted: '', drops: '0'},
	reason: 'its work was based on commits that were removed from the base branch',
	feedback: [
		`Your work is based on commits that a human has since removed from \`${base}\`. It must not restore them:`,
		'',
		...task.feedback.split('\n').slice(2),
		'',
		`Redo the task on the current \`${base}\`, without them. Your commits stay on ${task.branch ? `\`${task.branch}\`` : 'their branch'}: ${why}.`,
	].join('\n'),
});

/**
 * A human's decision on commits that would return. Accepted, exactly those may. Rejected, the task's own commits are rebuilt on the present base,
 * then reviewed and tested as such; if they do not apply, its author redoes them.
 */
export const decideReturning = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	const decide = async (
		next: 'test' | 'review' | 'audit' | 'develop' | 'document' | 'plan',
		fields: Readonly<Record<string, string>>,
		text: string,
	): Promise<ActionResult | undefined> => {
		const written = await room.link.coordination.decide({
			task: task.id,
			decision: 'returns',
			next,
			nextRole: nextRole(next, task),
			fields,
			text,
		});
		room.lifecycle.requestTick();
		if (written === 'ok') return undefined;
		return refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	};
	if (word.type === 'approve')
		return (
			(await decide('test', {reason: '', feedback: ''}, `approved by you: ${task.waitReason}`)) ?? {
				ok: true,
				text: `approved: ${task.id} may restore them; its tests run next`,
			}
		);
	const onto = await room.merges.workBase();
	const made = await room.facts.guardian.replayWork({
		commit: task.commit,
		onto,
		without: task.returns.filter(isObjectId),
		author: task.author,
	});
	if (made.kind !== 'replayed') {
		const why = {
			conflict: made.kind === 'conflict' ? `\`${made.commit.slice(0, 7)}\` conflicts there in ${made.files.slice(0, 3).join(', ')}` : '',
			merges: 'they include merges',
			empty: 'nothing of them is left',
		}[made.kind];
		const text = `cannot move only its own commits onto ${room.facts.base} (${cleanText(why, 150)}): its author redoes them`;
		return (
			(await decide(task.firstStage, anew(task, room.facts.base, cleanText(why, 200)), text)) ?? {
				ok: true,
				text: `${task.id} is back in ${task.firstStage}: ${text}`,
			}
		);
	}
	const next = nextStage({...task, stage: task.firstStage === 'plan' ? 'develop' : task.firstStage}, 'done', waysOf(room));
	if (next !== 'review' && next !== 'audit' && next !== 'test') throw new Error(`${task.id} cannot continue from its own commits`);
	const fields = {
		...{commit: made.commit, base: onto, branch: '', worktree: '', session: '', reason: '', feedback: ''},
		...{conflictWith: '', conflicted: '', drops: '0'},
	};
	const text = `only its own commits were moved onto ${room.facts.base}, as ${made.commit.slice(0, 7)}`;
	return (await decide(next, fields, text)) ?? {ok: true, text: `${task.id}: ${text}; to ${next}`};
};
