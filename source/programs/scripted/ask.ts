import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Ask, PlanAnswer} from './script.ts';
import type {Turn} from './situation.ts';
import {runCommand} from './worktree.ts';

type Answer = {readonly choice: number; readonly words: string};

/**
 * Asks a permission on the agent's own screen and in the room at once; the first answer counts: typed into the pane, chosen in the
 * room, or nobody's after `waitMs`. Answers the number of the choice, from 1.
 */
export const askPerson = async (ask: Ask, turn: Turn): Promise<number> => {
	const settled = new AbortController();
	const signal = AbortSignal.any([settled.signal, turn.signal]);
	const never = new Promise<never>((_, reject) => {
		turn.signal.addEventListener('abort', () => reject(turn.signal.reason), {once: true, signal: settled.signal});
	});
	const typed = async (): Promise<Answer> => {
		const choice = await turn.terminal.choose(ask, signal);
		return choice === undefined ? new Promise<never>(() => {}) : {choice: choice + 1, words: 'answered here'};
	};
	const told = async (): Promise<Answer> => {
		const choice = await turn.room.ask(
			{text: ask.detail === undefined ? ask.question : `${ask.question} ${ask.detail}`, choices: ask.choices},
			signal,
		);
		return choice === undefined ? new Promise<never>(() => {}) : {choice, words: 'answered in the room'};
	};
	const waited = async (): Promise<Answer> => {
		if (ask.waitMs === undefined) return new Promise<never>(() => {});
		await sleep(ask.waitMs, undefined, {signal});
		return {choice: ask.otherwise ?? 1, words: `no answer for ${Math.round(ask.waitMs / 1000)} s`};
	};
	try {
		const answer = await Promise.race([typed(), told(), waited(), never]);
		// The box goes and the question is withdrawn before anything else is said.
		settled.abort();
		turn.terminal.say(`● ${ask.question} ${ask.choices[answer.choice - 1] ?? ask.choices[0] ?? ''} (${answer.words})`);
		if (answer.words !== 'answered in the room')
			await turn.room.report({kind: 'progress', text: `continued: ${ask.choices[answer.choice - 1] ?? ''}`});
		return answer.choice;
	} finally {
		settled.abort();
	}
};

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
	terminal.say(`● agent-room report plan: ${told.exitCode === 0 ? 'accepted' : told.output.trim()}`);
};
