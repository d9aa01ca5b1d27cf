import type {Script, Step, When} from './step.ts';

/** Where this run of the agent stands, from its environment and its brief. */
export type Situation = {
	readonly agent: string;
	readonly role: string;
	readonly task: string;
	readonly title: string;
	readonly stage: string;
	readonly attempt: number;
	readonly round: number;
	readonly worktree: string;
	readonly base: string;
	readonly brief: string;
};

/** Reads the situation from the room's environment; outside a room it is a developer at its first attempt in `folder`. */
export const readSituation = (environment: NodeJS.ProcessEnv, brief: string, folder: string): Situation => ({
	agent: environment.AGENT_ROOM_AGENT || 'agent:dev:001',
	role: environment.AGENT_ROOM_ROLE || 'developer',
	task: environment.AGENT_ROOM_TASK || 'task',
	title: environment.AGENT_ROOM_TITLE || 'a task',
	stage: environment.AGENT_ROOM_STAGE || 'develop',
	attempt: Number(environment.AGENT_ROOM_ATTEMPT) || 1,
	round: Number(environment.AGENT_ROOM_ROUND) || 0,
	worktree: environment.AGENT_ROOM_WORKTREE || folder,
	base: environment.AGENT_ROOM_BASE || 'HEAD',
	brief,
});

const among = <T extends string | number>(allowed: T | readonly T[] | undefined, value: T): boolean =>
	allowed === undefined || (Array.isArray(allowed) ? allowed.includes(value) : allowed === value);

/** Does the condition hold? `diff` is asked for only where the condition is about it. */
export const matches = async (when: When | undefined, situation: Situation, diff: () => Promise<string>): Promise<boolean> => {
	if (!when) return true;
	const holds =
		among(when.role, situation.role) &&
		among(when.task, situation.task) &&
		among(when.stage, situation.stage) &&
		among(when.attempt, situation.attempt) &&
		among(when.round, situation.round) &&
		(when.briefHas === undefined || situation.brief.includes(when.briefHas));
	if (!holds || (when.diffHas === undefined && when.diffLacks === undefined)) return holds;
	const text = await diff();
	return (when.diffHas === undefined || text.includes(when.diffHas)) && (when.diffLacks === undefined || !text.includes(when.diffLacks));
};

const REVIEW: readonly Step[] = [
	{readDiff: true},
	{think: 300},
	{when: {diffHas: '+<<<<<<<'}, done: {verdict: 'changes', comments: 'There are conflict markers in the diff.'}},
	{when: {diffHas: '+<<<<<<<'}, exit: 0},
	{done: {verdict: 'approve', comments: 'Reads well.'}},
];

/** What an agent does without a script: a reviewer reads the diff and approves, anybody else writes one small file and commits it. */
const defaultSteps = (situation: Situation): readonly Step[] => {
	if (situation.stage === 'review' || situation.stage === 'audit') return REVIEW;
	const file = `notes/${situation.task.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}.md`;
	return [
		{say: `I will write \`${file}\`.`},
		{think: 300},
		{when: {briefHas: 'conflicts in'}, mergeBase: true},
		{edit: {file, write: `# ${situation.title}\n\nAttempt ${situation.attempt}, round ${situation.round}.\n`}},
		{commit: situation.title},
	];
};

/** The steps of the first entry of the script that fits; [] where none does, which is said by the caller. */
export const chooseSteps = async (
	script: Script | undefined,
	situation: Situation,
	diff: () => Promise<string>,
): Promise<readonly Step[]> => {
	if (!script) return defaultSteps(situation);
	for (const entry of script.scripts) if (await matches(entry.when, situation, diff)) return entry.steps;
	return defaultSteps(situation);
};
