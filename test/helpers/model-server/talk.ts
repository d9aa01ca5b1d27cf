/** The interfaces of models that the server speaks. */
export type Api = 'anthropic' | 'responses' | 'chat' | 'gemini';

/** A tool that a request offers. `space` is the namespace that some put around the tools of an MCP server. */
export type Offered = {
	readonly name: string;
	readonly space: string;
	readonly isFreeform: boolean;
	/** Names of its arguments, and what JSON type each has. */
	readonly inputs: Readonly<Record<string, string>>;
	/** It is no tool of its own: a program in JavaScript, which is what the model writes, calls it. */
	readonly isNested?: boolean;
};

/** What was said so far, oldest first. One reply of the model may have called several tools: it is one entry. */
export type Entry = {readonly kind: 'prompt' | 'reply' | 'result'; readonly text: string};

/** A request, whatever interface it came by. */
export type Asked = {
	readonly api: Api;
	readonly model: string;
	readonly system: string;
	readonly entries: readonly Entry[];
	readonly tools: readonly Offered[];
	/** The folder that the program says it works in, '' where it says none. */
	readonly directory: string;
	readonly isStream: boolean;
	/** JSON schema that the answer's text has to follow. */
	readonly schema?: unknown;
	/** Texts that end the answer. */
	readonly stops: readonly string[];
};

/** A conversation as a rule sees it: from the prompt that the rule is asked about. */
export type Talk = Asked & {
	/** The user's prompt. */
	readonly prompt: string;
	/** How many replies the model gave since: the turn that is due, from 0. */
	readonly turn: number;
	/** What tools gave back since, in order. */
	readonly results: readonly string[];
	/** Everything of the conversation in one text. */
	readonly text: string;
};

/** The conversation as seen from each of its prompts, the last one first. */
export const talksOf = (asked: Asked): readonly Talk[] => {
	const text = asked.entries.map(entry => entry.text).join('\n');
	return asked.entries
		.map((entry, index) => ({entry, after: asked.entries.slice(index + 1)}))
		.filter(({entry}) => entry.kind === 'prompt')
		.map(({entry, after}) => ({
			...asked,
			text,
			prompt: entry.text,
			turn: after.filter(({kind}) => kind === 'reply').length,
			results: after.filter(({kind}) => kind === 'result').map(result => result.text),
		}))
		.reverse();
};
