import {agentName} from '../core/agent.ts';
import {type TaskDetail, taskDetail} from '../core/output.ts';
import {priorityBadge} from '../core/task.ts';
import {type Invocation, isSet, type RunCommand} from './command.ts';
import {CommandError} from './command-error.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine, plainLines} from './plain-text.ts';
import {askIfRunning} from './room-client.ts';
import {viaRoomOrRedis} from './via-room.ts';

const missing = (id: string): CommandError => new CommandError('gone', `There is no task \`${id}\`.`, '`agent-room tasks` lists them.');

const readTask = (invocation: Invocation, id: string): Promise<TaskDetail> => {
	const viaRoom = async (): Promise<TaskDetail | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'explain', id});
		if (!reply) return undefined;
		const detail = typeof reply.data === 'object' && reply.data && 'task' in reply.data ? reply.data.task : undefined;
		if (typeof detail !== 'object' || !detail) throw missing(id);
		return detail as TaskDetail;
	};
	return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
		const {lookUp} = await import('../room/look-up.ts');
		const {team, now} = await coordination.snapshot();
		const found = await lookUp(coordination, team, id);
		if (!found) throw missing(id);
		return taskDetail(found.task, found.team, now);
	});
};

/** What is set of a task, by name, in the order that a person asks for it. */
const rowsOf = (task: TaskDetail): ReadonlyArray<readonly [string, string]> => [
	['title', task.title],
	['state', `${task.state}, stage ${task.stage}${task.why ? `: ${task.why}` : ''}`],
	['priority', `${priorityBadge(task.priority)} (${task.priority})`],
	['owner', task.owner && agentName(task.owner)],
	['progress', task.progress],
	['attempt', task.attempt ? `${task.attempt}, ${task.failures} of ${task.attempts} failed, ${task.rounds} review rounds` : ''],
	['needs', task.needs.join(', ')],
	['after', task.after.join(', ')],
	['branch', task.branch],
	['worktree', task.worktree],
	['commit', task.commit],
	['author', task.author && agentName(task.author)],
	['reviewer', task.reviewer && agentName(task.reviewer)],
	['landed', task.landed],
	['reason', task.reason],
];

const section = (title: string, text: string): readonly string[] =>
	text
		? [
				'',
				title,
				...plainLines(text)
					.trimEnd()
					.split('\n')
					.map(line => `  ${line}`),
			]
		: [];

/** `agent-room task ID`: one task in full. */
export const task: RunCommand = async invocation => {
	const detail = await readTask(invocation, (invocation.input[0] ?? '').toLowerCase());
	if (isSet(invocation, 'json')) {
		invocation.print(plainJson(detail));
		return EXIT.ok;
	}
	invocation.print(plainLine(detail.id));
	for (const [name, value] of rowsOf(detail)) if (value) invocation.print(`  ${name.padEnd(9)} ${plainLine(value)}`);
	for (const line of [...section('BRIEF', detail.brief), ...section('FEEDBACK', detail.feedback)]) invocation.print(line);
	return EXIT.ok;
};
