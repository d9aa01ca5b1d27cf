import type {NewTask} from '../core/action.ts';
import {orderPlan} from '../core/plan-order.ts';
import {CommandError} from './command-error.ts';
import {readMarkdownPlan} from './plan-markdown.ts';

/**
 * The tasks of a plan file, dependencies first. A file with Markdown check boxes is a check list, anything else YAML. Refuses, naming
 * the place, what is neither.
 */
export const readPlan = async (name: string, content: string): Promise<readonly NewTask[]> => {
	const isMarkdown = /\.(md|markdown)$/i.test(name) || /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/m.test(content);
	const tasks = isMarkdown ? readMarkdownPlan(content) : (await import('./plan-yaml.ts')).readYamlPlan(name, content);
	if (tasks.length === 0)
		throw new CommandError('bad-plan', `The plan \`${name}\` has no open task.`, 'A list in YAML, or lines such as `- [ ] Add login`.');
	const ordered = orderPlan(tasks);
	if (!ordered.ok) throw new CommandError(ordered.code, ordered.message, ordered.hint);
	return ordered.tasks;
};
