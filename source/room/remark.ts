import {type Action, type ActionResult, refusal} from '../core/action.ts';
import {agentName} from '../core/agent.ts';
import {nextRole} from '../core/pipeline.ts';
import {plainText, plainTextLine} from '../core/quote.ts';
import {formatComment} from '../core/review.ts';
import type {Remark} from '../core/review-round.ts';
import {FINAL_STATES} from '../core/task.ts';
import {WRITING_STAGES} from '../roles/roles.ts';
import type {Engine} from './engine.ts';
import {sendAsPerson} from './mail.ts';

const LONGEST = 4000;

/**
 * A person's remark about a change. It stands in every later brief of the task. Whoever writes at it now gets it as a message at once; what was handed in goes
 * back to its author where it must be fixed. Refused where it comes too late: what is merged, or lands at this moment, is mended by another task.
 */
export const takeRemark = async (engine: Engine, action: Extract<Action, {type: 'remark'}>): Promise<ActionResult> => {
	const id = action.task.toLowerCase();
	const task = await engine.coordination.task(id);
	if (!task) return refusal('gone', `There is no task \`${plainTextLine(action.task, 60)}\`.`, '`agent-room tasks` lists them.');
	if (FINAL_STATES.includes(task.state))
		return refusal('gone', `${id} is ${task.state}: nobody works on it any more.`, 'A new task mends what is wrong with it.');
	const remark: Remark = {
		file: plainTextLine(action.file, 1000),
		line: action.line,
		severity: action.severity,
		text: plainText(action.text, LONGEST),
		at: Math.round(engine.state.serverNow()),
		commit: task.commit,
	};
	if (remark.text.trim() === '') return refusal('bad-text', 'The comment says nothing.', 'Write what is to be done.');
	const said = formatComment(remark);
	const written = await engine.coordination.remark({
		task: id,
		remark,
		role: nextRole(task.home, task),
		feedback: said,
		text: plainTextLine(said, 200),
	});
	engine.wake();
	switch (written.code) {
		case 'gone':
			return refusal('gone', `${id} is over.`, `\`agent-room task ${id}\` shows how it ended.`);
		case 'landing':
			return refusal('landing', `${id} lands at this moment: it is too late for that.`, 'A new task mends what is wrong with it.');
		case 'full':
			return refusal('full', `${id} has more comments than can be kept.`, 'Reject it, or write a new task.');
		case 'back':
			return {ok: true, text: `${id} goes back to ${written.stage} with your comment`};
		case 'ok': {
			if (written.owner === '' || !WRITING_STAGES.includes(written.stage))
				return {ok: true, text: `your comment is kept for the next who works on ${id}`};
			const sent = await sendAsPerson(engine, written.owner, `about ${id}, ${said}`);
			const name = agentName(written.owner);
			return {ok: true, text: sent.ok ? `${name} is told of your comment` : `your comment is kept; ${name} could not be told`};
		}
	}
};
