import type {Script, Turn} from './script.ts';
import type {Talk} from './talk.ts';

/** What a member of the team does whose brief fits `when`, after it has read it. */
export type Duty = {
	readonly when: string | RegExp;
	readonly turns: readonly Turn[] | ((talk: Talk, description: string) => readonly Turn[]);
};

/**
 * A model that works as a room's agents are told to: its first turn reads the brief that the prompt names, and what stands in it decides
 * what comes then. A prompt that names no brief goes on with what was begun.
 */
export const members =
	(duties: readonly Duty[]): Script =>
	talk => {
		const file = /read the file (\S+)/i.exec(talk.prompt)?.[1];
		if (file === undefined) return;
		const read = {read: file};
		if (talk.turn === 0) return [read];
		const description = talk.results[0] ?? '';
		const duty = duties.find(({when}) => (typeof when === 'string' ? description.includes(when) : when.test(description)));
		if (!duty) return [read, {say: `No duty fits the brief: ${description.slice(0, 400)}`}];
		return [read, ...(typeof duty.turns === 'function' ? duty.turns(talk, description) : duty.turns)];
	};

/** A review as whoever reads it wants it: the structured answer where the program asks for one, else by a report. */
export const verdict =
	(value: 'approve' | 'changes', comments: readonly object[] = []) =>
	({schema, tools}: Talk): readonly Turn[] =>
		schema !== undefined || tools.some(({name}) => name === 'StructuredOutput')
			? [{run: 'git show --stat HEAD'}, {answer: {verdict: value, summary: 'As asked for.', comments}}]
			: [{run: 'git show --stat HEAD'}, {run: `agent-room report done --verdict ${value}`}];
