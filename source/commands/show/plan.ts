import {planText} from '../../core/plan/yaml.ts';
import type {PlanLine} from '../../core/protocol/output-schema.ts';
import {askIfRunning} from '../client/client.ts';
import {withoutTeam} from '../client/read.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {CommandError, EXIT, type Invocation, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine, plainLines} from '../parse/print.ts';
import {taskLines} from './status-text.ts';

type Seen = {readonly plan: PlanLine; readonly at: number};

const look = (invocation: Invocation, id: string): Promise<Seen> => {
	const viaRoom = async (): Promise<Seen | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'plan', id});
		return reply && {plan: reply.data as PlanLine, at: Date.now()};
	};
	return viaRoomOrRedis(invocation, viaRoom, async borrowed => {
		const [{lookAtPlan}, {planningWithoutRoom}] = await Promise.all([import('../../room/planning/plan.ts'), import('../add/planning.ts')]);
		const {room, now} = await planningWithoutRoom(borrowed);
		const plan = await lookAtPlan(room, id, now, {hasTestCommand: room.facts.config.test !== undefined});
		if (!plan) throw new CommandError('gone', `Unknown feature \`${id}\`.`, 'See `agent-room status`.');
		return {plan: {...plan, tasks: withoutTeam(plan.tasks, room.record.team())}, at: now};
	});
};

const STATES: Readonly<Record<PlanLine['state'], string>> = {
	planning: 'planning',
	'needs-decision': 'needs your approval',
	planned: 'planned',
	ended: 'planning was cancelled',
	none: 'without a plan',
};

/** A waiting plan is YAML for `approve --plan`; remarks are comments. */
const proposalLines = ({feature, title, planTask, waitReason, proposal, tasks}: PlanLine): readonly string[] => {
	const titles = new Map(tasks.map(task => [task.id, task.title]));
	return [
		`# ${plainLine(`${feature}: ${title}`)}`,
		`# ${plainLine(waitReason || STATES['needs-decision'])}`,
		proposal
			? `# agent-room approve ${planTask} [--plan FILE], or agent-room request-changes ${planTask} --reason TEXT`
			: `# agent-room approve ${planTask} --plan FILE, agent-room request-changes ${planTask} --reason TEXT, or agent-room cancel ${planTask}`,
		...(proposal ? ['#', ...plainLines(planText(proposal, titles)).trimEnd().split('\n')] : []),
	];
};

/** `agent-room plan FEATURE`: the waiting plan as YAML, or its tasks with their states. */
export const plan: RunCommand = async invocation => {
	const {plan: seen, at} = await look(invocation, (invocation.input[0] ?? '').toLowerCase());
	if (isSet(invocation, 'json')) {
		invocation.print(plainJson(seen));
		return EXIT.ok;
	}
	if (seen.state === 'needs-decision') {
		for (const line of proposalLines(seen)) invocation.print(line);
		return EXIT.ok;
	}
	invocation.print(plainLine(`${seen.feature}: ${seen.title} (${STATES[seen.state]})`));
	if (seen.tasks.length > 0) for (const line of taskLines(seen.tasks, at)) invocation.print(line);
	return EXIT.ok;
};
