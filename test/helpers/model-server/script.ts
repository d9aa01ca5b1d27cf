import {type Asked, type Talk, talksOf} from './talk.ts';

/** Of one turn of the model. Files are relative to the worktree, or absolute. */
export type Step =
	| {readonly say: string}
	/** A command for the shell tool, whatever its name is; `decision` is why it must run outside of the sandbox, where there is one. */
	| {readonly run: string; readonly decision?: string}
	| {readonly read: string}
	| {readonly write: {readonly file: string; readonly text: string}}
	| {readonly edit: {readonly file: string; readonly from: string; readonly to: string}}
	/** A tool by its name; for one of an MCP server the end of its name will do (`done`). */
	| {readonly call: string; readonly input: unknown}
	/** The structured answer that the program asked for: by its tool for that, else as text. */
	| {readonly answer: unknown}
	/** Nothing is answered until the server closes. */
	| {readonly hang: true}
	/** Words one by one. */
	| {readonly drip: string; readonly everyMs: number}
	/** A status instead of an answer; `times` of them, then the turn after it is given at once. */
	| {readonly fail: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown; readonly times?: number}
	/** The conversation is too long for the model, in the words of the interface. */
	| {readonly overflow: true};

/** What the model answers one request with: several steps make one reply with text and tool calls. */
export type Turn = Step | readonly Step[];

/** `when` fits a user's prompt; the turns after it are given in order, and what is asked after the last gets `DONE`. */
export type Rule = {
	readonly when: string | RegExp | ((talk: Talk) => boolean);
	readonly turns: readonly Turn[] | ((talk: Talk) => readonly Turn[]);
};

export type Script = readonly Rule[] | ((talk: Talk) => readonly Turn[] | undefined);

export const DONE = 'Nothing is left to do.';
export const NO_RULE = [{say: 'No rule of the script fits.'}] as const;

const fits = ({when}: Rule, talk: Talk): boolean => {
	if (typeof when === 'function') return when(talk);
	return typeof when === 'string' ? talk.prompt.includes(when) : when.test(talk.prompt);
};

const turnsFor = (script: Script, talk: Talk): readonly Turn[] | undefined => {
	if (typeof script === 'function') return script(talk);
	const rule = script.find(each => fits(each, talk));
	return typeof rule?.turns === 'function' ? rule.turns(talk) : rule?.turns;
};

/**
 * The steps of the turn that is due. Nothing is remembered but failures that were counted out: the turn is the number of replies since the
 * last prompt that a rule fits, so that retries, resumed sessions and agents side by side get what is theirs.
 */
export const nextSteps = (script: Script, asked: Asked, failures: Map<object, number>): readonly Step[] => {
	for (const talk of talksOf(asked)) {
		const turns = turnsFor(script, talk);
		if (!turns) continue;
		// A failure is no reply: it shifts the turns after it.
		let replies = 0;
		for (const turn of turns) {
			const steps: readonly Step[] = Array.isArray(turn) ? turn : [turn as Step];
			const failure = steps.find(step => 'fail' in step);
			if (failure && 'fail' in failure && failure.times !== undefined) {
				const before = failures.get(failure) ?? 0;
				if (replies < talk.turn || before >= failure.times) continue;
				failures.set(failure, before + 1);
				return steps;
			}
			if (replies === talk.turn) return steps;
			replies += 1;
		}
		return [{say: DONE}];
	}
	return NO_RULE;
};
