import {APPROVES, type EngineOptions, openEngine, type TestRoom, WRITES} from './engine.ts';

/** Answers with the plan in `$D/plan.yaml` by the file that the room names, and keeps the brief of each try as `$D/brief-<n>`. */
export const PLANS = [
	'n=$(ls "$D" | grep -c "^brief-"); cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$((n + 1))"',
	'[ -e "$D/plan.yaml" ] && cp "$D/plan.yaml" "$AGENT_ROOM_PLAN_FILE"',
	'exit 0',
].join('\n');

/** A room with one of each role that a feature needs; its orchestrator answers with `plan`. */
export const openPlanned = async ({agents, plan, ...more}: Partial<EngineOptions> & {readonly plan: string}): Promise<TestRoom> => {
	const room = await openEngine({
		...more,
		agents: {orchestrator: PLANS, developer: [WRITES, WRITES], 'code-sentinel': APPROVES, ...agents},
	});
	if (plan !== '') room.write('plan.yaml', plan);
	return room;
};

/** Two tasks, the second after the first. */
export const TWO_TASKS = [
	'summary: First the table, then the form.',
	'tasks:',
	'  - id: table',
	'    title: Keep sessions in a table',
	'    description: Use one table.',
	'    acceptance: [A session survives a restart.]',
	'    paths: [src/db/**]',
	'  - id: form',
	'    title: Log in with a form',
	'    after: [table]',
	'    priority: 80',
	'    audit: false',
	'',
].join('\n');
