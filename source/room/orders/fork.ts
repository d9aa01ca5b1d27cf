import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {NewTask} from '../../core/intake/new-task.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {copyWork} from '../../git/worktree/save.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import type {Room} from '../parts/parts.ts';
import {keepSession} from '../prepare/sessions.ts';
import {seenFromOutside} from '../session/files.ts';

/**
 * Makes the task whose agent continues a copy of a running agent's session, in a worktree that starts with that agent's files, uncommitted ones
 * too. Guarantee: that agent works on, and nothing of its worktree or its session changes.
 */
export const forkTask = async (
	{slots, facts}: Pick<Room, 'slots' | 'facts'>,
	{of, title = ''}: Extract<Action, {type: 'fork-session'}>,
): Promise<NewTask | Exclude<ActionResult, {readonly ok: true}>> => {
	const attempt = slots.attempts().find(({agent, task}) => agent.id === parseAgentId(of) || task.id === of.toLowerCase());
	if (!attempt || attempt.isEnding || !WRITING_STAGES.includes(attempt.task.stage))
		return refusal(
			'gone',
			`No agent of this room writes for \`${of}\`.`,
			'List agents with `agent-room agents`; for sessions of yours: `adopt`.',
		);
	const {agent, task, launched, session, workspace, surrounded} = attempt;
	const file = session?.now().transcript ?? '';
	const sessions = launched?.cli.sessions;
	// A session without a file would have to be exported inside the agent's sandbox.
	const isKnown = sessions !== undefined && sessions.byProgram === undefined;
	if (!launched || !isKnown || file === '')
		return refusal(
			'no-session',
			`The session of ${agentName(agent.id)} cannot be copied: ${isKnown ? 'it has not started' : `sessions of ${launched?.cli.title ?? agent.harness} are not known`}.`,
			'',
		);
	try {
		const id = keepSession(launched.cli, await seenFromOutside(file, surrounded.outside), facts.options.stateFolder);
		if (id === undefined) return refusal('no-session', `The session of ${agentName(agent.id)} is kept where it is not known.`, '');
		const message = `Copy the work of ${agent.id} on ${task.id}\n\nFor a task that continues a copy of its session.`;
		const startsAt = await copyWork({store: facts.guardian.store, worktree: workspace.folder, message});
		return {
			title: title || task.title,
			description: task.description || task.title,
			needs: [launched.cli.name],
			adopts: `${launched.cli.name} ${id}`,
			startsAt,
			...(task.feature ? {of: task.feature} : {}),
			...(task.acceptance.length > 0 ? {acceptance: task.acceptance} : {}),
		};
	} catch (error) {
		if (error instanceof GitRefused) return refusal(error.code, `Cannot copy the files of ${task.id}: ${error.message}.`, error.hint);
		return refusal('no-session', `The session of ${agentName(agent.id)} cannot be read: ${(error as Error).message}.`, '');
	}
};
