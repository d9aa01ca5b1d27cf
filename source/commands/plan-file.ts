import type {NewTask} from '../core/action.ts';
import {readMarkdownPlan} from '../core/plan-markdown.ts';
import {orderPlan} from '../core/plan-order.ts';
import {CommandError} from './command-error.ts';

const readYaml = async (name: string, content: string): Promise<readonly NewTask[]> => {
	const {parsePlan} = await import('../core/plan-yaml.ts');
	const read = parsePlan(content);
	if (!read.ok) throw new CommandError('bad-plan', read.problems.map(({line, message}) => `${name}:${line}: ${message}`).join('\n'));
	const {cancel, lineOf, tasks} = read.file;
	if (cancel.length > 0)
		throw new CommandError(
			'bad-plan',
			`${name}:${lineOf('cancel', 0)}: \`cancel\` is for a feature that is planned anew.`,
			'See `agent-room help replan`.',
		);
	return tasks;
};

/**
 * The tasks of a plan file, dependencies first. A file with Markdown check boxes is a check list, anything else YAML. Refuses, naming
 * the place, what is neither.
 */
export const readPlanFile = async (name: string, content: string): Promise<readonly NewTask[]> => {
	const isMarkdown = /\.(md|markdown)$/i.test(name) || /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/m.test(content);
	const tasks = isMarkdown ? readMarkdownPlan(content) : await readYaml(name, content);
	if (tasks.length === 0)
		throw new CommandError('bad-plan', `The plan \`${name}\` has no open task.`, 'A list in YAML, or lines such as `- [ ] Add login`.');
	const ordered = orderPlan(tasks);
	if (!ordered.ok) throw new CommandError(ordered.code, ordered.message, ordered.hint);
	return ordered.tasks;
};
