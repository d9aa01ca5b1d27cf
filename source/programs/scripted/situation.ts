import {defaultSteps} from './defaults.ts';
import {isMerging} from './resolve.ts';
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
	readonly branch: string;
	readonly base: string;
	readonly brief: string;
	/** Where a plan is left; '' for none. */
	readonly planFile: string;
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
	branch: environment.AGENT_ROOM_BRANCH || '',
	base: environment.AGENT_ROOM_BASE || 'HEAD',
	brief,
	planFile: environment.AGENT_ROOM_PLAN_FILE || '',
});

const among = <T extends string | number>(allowed: T | readonly T[] | undefined, value: T): boolean =>
	allowed === undefined || (Array.isArray(allowed) ? allowed.includes(value) : allowed === value);

const hasConflict = (situation: Situation): boolean => isMerging(situation.worktree) || situation.brief.includes('conflicts in');

/** Does the condition hold? `diff` is asked for only where the condition is about it. */
export const matches = async (when: When | undefined, situation: Situation, diff: () => Promise<string>): Promise<boolean> => {
	if (!when) return true;
	const holds =
		among(when.role, situation.role) &&
		among(when.task, situation.task) &&
		among(when.stage, situation.stage) &&
		among(when.attempt, situation.attempt) &&
		among(when.round, situation.round) &&
		(when.briefHas === undefined || situation.brief.includes(when.briefHas)) &&
		(when.hasConflict === undefined || when.hasConflict === hasConflict(situation));
	if (!holds || (when.diffHas === undefined && when.diffLacks === undefined)) return holds;
	const text = await diff();
	return (when.diffHas === undefined || text.includes(when.diffHas)) && (when.diffLacks === undefined || !text.includes(when.diffLacks));
};

/** The steps of the first entry of the script that fits; where none does, or there is no script, what the stage's agent does by itself. */
export const chooseSteps = async (
	script: Script | undefined,
	situation: Situation,
	diff: () => Promise<string>,
): Promise<readonly Step[]> => {
	if (!script) return defaultSteps(situation);
	for (const entry of script.scripts) if (await matches(entry.when, situation, diff)) return entry.steps;
	return defaultSteps(situation);
};
