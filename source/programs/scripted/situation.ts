import {isMerging} from './conflict.ts';
import type {Script, Step, When} from './script.ts';
import type {RoomLine, Situation} from './steps.ts';
import type {AgentTerminal} from './terminal.ts';

const REVIEW: readonly Step[] = [
	{readDiff: true},
	{think: 300},
	{when: {diffHas: '+<<<<<<<'}, done: {verdict: 'changes', comments: 'There are conflict markers in the diff.'}},
	{when: {diffHas: '+<<<<<<<'}, exit: 0},
	{done: {verdict: 'approve', comments: 'Reads well.'}},
];

const RESOLVE: readonly Step[] = [{say: 'Both sides are wanted: I keep both.'}, {think: 300}, {resolve: 'both'}];

const plan = ({title}: Situation): readonly Step[] => [
	{say: `I split “${title}” into tasks.`},
	{think: 300},
	{
		plan: {
			tasks: [
				{id: 'begin', title: `${title}: begin`, description: title, acceptance: ['It is there.']},
				{id: 'finish', title: `${title}: finish`, description: title, acceptance: ['It is whole.'], after: ['begin']},
			],
		},
	},
];

const write = (folder: string, situation: Situation): readonly Step[] => {
	const file = `${folder}/${situation.task.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}.md`;
	const text = `# ${situation.title}\n\nAttempt ${situation.attempt}, round ${situation.round}.\n`;
	return [
		{say: `I will write \`${file}\`.`},
		{think: 300},
		{when: {hasConflict: true}, resolve: 'both'},
		{edit: {file, write: text}},
		{commit: situation.title},
	];
};

/**
 * Steps without a script, by stage: a planner plans two tasks, a reviewer reads the diff and approves, a resolver keeps both sides, others
 * commit one small file.
 */
const defaultSteps = (situation: Situation): readonly Step[] => {
	switch (situation.stage) {
		case 'plan':
			return plan(situation);
		case 'review':
		case 'audit':
			return REVIEW;
		case 'resolve':
			return RESOLVE;
		case 'document':
			return write('docs', situation);
		default:
			return write('notes', situation);
	}
};

/** Reads the situation from the environment; outside a room, a developer's first attempt in `folder`. */
export const readSituation = (environment: NodeJS.ProcessEnv, prompt: string, folder: string): Situation => ({
	agent: environment.AGENT_ROOM_AGENT || 'agent:dev:001',
	role: environment.AGENT_ROOM_ROLE || 'developer',
	task: environment.AGENT_ROOM_TASK || 'task',
	title: environment.AGENT_ROOM_TITLE || 'a task',
	stage: environment.AGENT_ROOM_STAGE || 'develop',
	attempt: Number(environment.AGENT_ROOM_ATTEMPT) || 1,
	round: Number(environment.AGENT_ROOM_ROUND) || 0,
	worktree: environment.AGENT_ROOM_WORKTREE || folder,
	branch: environment.AGENT_ROOM_BRANCH || '',
	base: environment.AGENT_ROOM_BASE || 'HEAD',
	prompt,
	planFile: environment.AGENT_ROOM_PLAN_FILE || '',
});

const among = <T extends string | number>(allowed: T | readonly T[] | undefined, value: T): boolean =>
	allowed === undefined || (Array.isArray(allowed) ? allowed.includes(value) : allowed === value);

const hasConflict = (situation: Situation): boolean => isMerging(situation.worktree) || situation.prompt.includes('conflicts in');

/** Whether the condition matches; `diff` is called only if needed. */
export const matches = async (when: When | undefined, situation: Situation, diff: () => Promise<string>): Promise<boolean> => {
	if (!when) return true;
	const holds =
		among(when.role, situation.role) &&
		among(when.task, situation.task) &&
		among(when.stage, situation.stage) &&
		among(when.attempt, situation.attempt) &&
		among(when.round, situation.round) &&
		(when.briefHas === undefined || situation.prompt.includes(when.briefHas)) &&
		(when.hasConflict === undefined || when.hasConflict === hasConflict(situation));
	if (!holds || (when.diffHas === undefined && when.diffLacks === undefined)) return holds;
	const text = await diff();
	return (when.diffHas === undefined || text.includes(when.diffHas)) && (when.diffLacks === undefined || !text.includes(when.diffLacks));
};

/** Steps of the first matching entry, else the stage's default. */
export const chooseSteps = async (
	script: Script | undefined,
	situation: Situation,
	diff: () => Promise<string>,
): Promise<readonly Step[]> => {
	if (!script) return defaultSteps(situation);
	for (const entry of script.scripts) if (await matches(entry.when, situation, diff)) return entry.steps;
	return defaultSteps(situation);
};

/** Context of the steps. `signal` fires when the user interrupts the turn. */
export type Turn = {
	readonly situation: Situation;
	readonly terminal: AgentTerminal;
	readonly room: RoomLine;
	readonly signal: AbortSignal;
	/** Ignores SIGTERM from now on, like a hung program. */
	readonly goDeaf: () => void;
};
