import {setTimeout as sleep} from 'node:timers/promises';
import type {Turn} from './perform.ts';
import type {Ask} from './step.ts';

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
		return {choice: ask.otherwise ?? 1, words: `nobody answered for ${Math.round(ask.waitMs / 1000)} s`};
	};
	try {
		const answer = await Promise.race([typed(), told(), waited(), never]);
		// The box goes and the question is withdrawn before anything else is said.
		settled.abort();
		turn.terminal.say(`● ${ask.question} ${ask.choices[answer.choice - 1] ?? ask.choices[0] ?? ''} (${answer.words})`);
		if (answer.words !== 'answered in the room')
			await turn.room.report({kind: 'progress', text: `went on: ${ask.choices[answer.choice - 1] ?? ''}`});
		return answer.choice;
	} finally {
		settled.abort();
	}
};
