import {nearest} from '../core/text/refusal.ts';

/**
 * What a brief may name in braces, and what stands there then: a word, or whole lines of Markdown. Texts of people and agents come as fenced
 * blocks that they cannot break out of. A name that has nothing to say is empty.
 */
export const PLACEHOLDERS = {
	task: 'the id of the task',
	title: 'its title, one line',
	stage: 'the stage that it is at',
	attempt: 'the number of the attempt, from 1',
	round: 'how many review rounds asked for changes so far',
	priority: 'its priority, 0 to 100',
	feature: 'the feature that it is a part of',
	agent: 'who you are, such as dev-1',
	role: 'the role of the agent',
	author: 'who wrote the commit that is judged',
	worktree: 'the folder to work in',
	port: 'the first of ten ports that are its own',
	branch: 'the branch checked out there',
	base: 'the branch that receives the work',
	commit: 'the commit that is judged',
	tests: 'the command that must pass before it is merged',
	description: 'block: what is asked for, in the words of the person or the plan',
	acceptance: 'block: what must hold when it is done, as a list',
	paths: 'block: the paths that it is meant to touch',
	protected: 'block: what it changes among the paths that call for an audit',
	diff: 'block: what the commit changes against the base, or how to see it',
	rounds: 'block: the reviews before, newest last, and whether each must-fix was touched since',
	output: 'block: why it came back, and the end of the output of what failed',
	handoff: 'block: who had it before, what was tried, and how that ended',
	conflict: 'block: the files in conflict, and what the other side wanted',
	mail: 'block: what others wrote to the agent since its last brief',
	team: 'block: who is in the team, by role',
	repository: 'block: what the repository is',
	open: 'block: the tasks of the feature, or those that are open, with their states',
	plan: 'block: the form of a plan, and how to answer with one',
	commands: 'block: what an agent can tell the room and ask of it',
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;
export type BriefValues = Readonly<Partial<Record<Placeholder, string>>>;

const isKnown = (name: string): name is Placeholder => Object.hasOwn(PLACEHOLDERS, name);
/** `{name}`; `{{name}}` is a literal `{name}`, and a brace that holds anything else is itself. */
const NAMED = /\{\{([a-z]+)\}\}|\{([a-z]+)\}/g;

/** The first name in braces that means nothing, and the sentence that says so; undefined if all are known. */
export const unknownPlaceholder = (template: string): {readonly name: string; readonly hint: string} | undefined => {
	const name = [...template.matchAll(NAMED)].map(([, , found]) => found).find(found => found !== undefined && !isKnown(found));
	if (name === undefined) return undefined;
	const meant = nearest(name, Object.keys(PLACEHOLDERS));
	return {
		name,
		hint: meant ? `Did you mean \`{${meant}}\`?` : `Known are ${Object.keys(PLACEHOLDERS).join(', ')}; \`{{${name}}}\` is the word itself.`,
	};
};

/** Parts of a template: what stands before the first `## `, then each section with its heading. */
const sectionsOf = (template: string): readonly string[] => {
	const parts = template.split(/^(?=## )/m);
	return parts.filter(part => part !== '');
};

const isBlock = (name: Placeholder): boolean => PLACEHOLDERS[name].startsWith('block:');

const isSaid = (section: string, values: BriefValues): boolean => {
	const blocks = [...section.matchAll(NAMED)].flatMap(([, , name]) => (name !== undefined && isKnown(name) && isBlock(name) ? [name] : []));
	return !section.startsWith('## ') || blocks.length === 0 || blocks.some(name => values[name]);
};

/**
 * A brief from its template. Each name is replaced once: braces inside a value are left as they are. A section (`## `) that names
 * blocks, all of which are empty, is left out, and so is a line that holds nothing but an empty name.
 */
export const expandBrief = (template: string, values: BriefValues): string =>
	sectionsOf(template)
		.filter(section => isSaid(section, values))
		.map(section =>
			section
				.split('\n')
				.filter(line => {
					const [name = ''] = /^\{([a-z]+)\}$/.exec(line.trim())?.slice(1) ?? [];
					return !isKnown(name) || values[name];
				})
				.join('\n')
				.replace(/\n{3,}/g, '\n\n')
				.replace(NAMED, (whole, literal?: string, name?: string) =>
					literal === undefined ? (name !== undefined && isKnown(name) ? (values[name] ?? '') : whole) : `{${literal}}`,
				),
		)
		.map(section => section.trim())
		.filter(Boolean)
		.join('\n\n')
		.concat('\n');
