import {nearest} from '../core/text/refusal.ts';

/**
 * Placeholders of a brief and their values: a word or lines of Markdown. Texts of humans and agents come as fenced blocks that they cannot
 * break out of. Empty if there is nothing to say.
 */
export const PLACEHOLDERS = {
	task: 'id of the task',
	title: 'title of the task, one line',
	stage: 'stage of the task',
	attempt: 'number of the attempt, from 1',
	round: 'review rounds that requested changes so far',
	priority: 'priority, 0 to 100',
	feature: 'feature that the task is part of',
	agent: 'name of the agent, such as dev-1',
	role: 'role of the agent',
	author: 'author of the commit under review',
	worktree: 'folder to work in',
	port: 'first of ten ports reserved for the agent',
	branch: 'branch checked out there',
	base: 'base branch, which receives the work',
	commit: 'commit under review',
	tests: 'command that must pass before a merge',
	description: 'block: description of the task',
	acceptance: 'block: acceptance criteria, as a list',
	paths: 'block: paths that the task may touch',
	protected: 'block: protected paths that the task changes',
	diff: 'block: diff against the base branch, or how to see it',
	rounds: 'block: earlier reviews, newest last, and whether each must-fix changed since',
	output: 'block: why the task came back, and the last output of what failed',
	handoff: 'block: handoff notes of earlier attempts',
	conflict: 'block: files in conflict, and what the other side wanted',
	mail: 'block: new messages from other agents and humans',
	team: 'block: the team, by role',
	repository: 'block: overview of the repository',
	open: 'block: tasks of the feature, or open tasks, with their states',
	plan: 'block: format of a plan, and how to submit one',
	commands: 'block: commands for the agent',
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;
export type BriefValues = Readonly<Partial<Record<Placeholder, string>>>;

const isKnown = (name: string): name is Placeholder => Object.hasOwn(PLACEHOLDERS, name);
/** `{name}`; `{{name}}` is a literal `{name}`, and other braces stay as they are. */
const NAMED = /\{\{([a-z]+)\}\}|\{([a-z]+)\}/g;

/** The first unknown placeholder, with a hint; undefined if all are known. */
export const unknownPlaceholder = (template: string): {readonly name: string; readonly hint: string} | undefined => {
	const name = [...template.matchAll(NAMED)].map(([, , found]) => found).find(found => found !== undefined && !isKnown(found));
	if (name === undefined) return undefined;
	const meant = nearest(name, Object.keys(PLACEHOLDERS));
	return {
		name,
		hint: meant
			? `Did you mean \`{${meant}}\`?`
			: `Use one of ${Object.keys(PLACEHOLDERS).join(', ')}; write \`{{${name}}}\` for the word itself.`,
	};
};

/** Splits a template: the part before the first `## `, then each section with its heading. */
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
 * Expands a brief's template. Each placeholder is replaced once: braces in values stay. Drops a section (`## `) whose block values are all
 * empty, and a line of only empty values.
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
