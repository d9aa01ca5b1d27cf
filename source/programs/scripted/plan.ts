import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Turn} from './perform.ts';
import type {PlanAnswer} from './step.ts';
import {runCommand} from './worktree.ts';

/**
 * Answers with a plan: left in the file that the room reads when the agent has ended, or handed to `agent-room report plan`, which
 * says at once what is wrong with it. JSON is YAML. A refused plan is no reason to end: the next step may answer with another.
 */
export const answerPlan = async (answer: PlanAnswer, {situation, terminal, signal}: Turn): Promise<void> => {
	const {tasks = [], cancel, text} = answer;
	const plan = text ?? JSON.stringify({tasks, ...(cancel === undefined ? {} : {cancel})}, undefined, '\t');
	terminal.say(`● Plan of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`);
	for (const task of tasks) terminal.say(`  ⎿ ${String(task.id ?? '')} ${String(task.title ?? '')}`);
	if (!answer.isReported && situation.planFile !== '') {
		await writeFile(situation.planFile, plan);
		return;
	}
	const file = join(situation.worktree, '.plan.yaml');
	await writeFile(file, plan);
	const told = await runCommand(['agent-room', 'report', 'plan', file], situation, signal);
	await rm(file, {force: true});
	terminal.say(`● agent-room report plan: ${told.exitCode === 0 ? 'taken' : told.output.trim()}`);
};
