import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Ask, PlanAnswer} from './script.ts';
import type {Turn} from './situation.ts';
import {runCommand} from './worktree.ts';

type Answer = {readonly choice: number; readonly words: string};

/**
 * Asks for a permission on the agent's screen and in the room; the first answer counts: typed, chosen in the room, or none after `waitMs`.
 * Returns the choice's number from 1.
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
		// Removes the box and withdraws the question before any other output.
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
 * Answers with a plan: in the file that the room reads at the end, or by `agent-room report plan`, which checks it at once. JSON is valid
 * YAML. A refused plan does not end the agent: the next step may try another.
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
