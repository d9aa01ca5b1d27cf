import type {Choice, Question} from '../../core/session/reading.ts';
import {field, listField, lookUp, textField} from '../shared/fields.ts';
import {toolLine, toolUse} from './names.ts';

/**
 * What Claude suggests to allow from now on, for this session only: its own choice would write it into a file of the repository. What takes
 * rights away from the user's rules, or is of another kind than was seen, is left out.
 */
export const permissionRules = (payload: unknown): readonly object[] =>
	listField(payload, 'permission_suggestions').flatMap(permissionRule =>
		typeof permissionRule === 'object' && permissionRule !== null && lookUp(WORDS, textField(permissionRule, 'type'))?.(permissionRule)
			? [{...permissionRule, destination: 'session'}]
			: [],
	);

const WORDS: Readonly<Record<string, (permissionRule: unknown) => string | undefined>> = {
	addRules: permissionRule => {
		if (textField(permissionRule, 'behavior') !== 'allow') return undefined;
		const rules = listField(permissionRule, 'rules').flatMap(rule => {
			const tool = textField(rule, 'toolName');
			const content = textField(rule, 'ruleContent');
			return tool === undefined ? [] : [content === undefined ? tool : `${tool}(${content})`];
		});
		return rules.length === 0 ? undefined : rules.join(', ');
	},
	setMode: permissionRule => (textField(permissionRule, 'mode') === 'acceptEdits' ? 'all edits of files' : undefined),
	addDirectories: permissionRule => {
		const folders = listField(permissionRule, 'directories').filter(folder => typeof folder === 'string');
		return folders.length === 0 ? undefined : folders.join(', ');
	},
};

/** How far they reach, in words; '' for none. */
const reachOf = (payload: unknown): string =>
	permissionRules(payload)
		.map(permissionRule => lookUp(WORDS, textField(permissionRule, 'type'))?.(permissionRule) ?? '')
		.join('; ');

/** The tool with which it asks its user. */
export const ASKING = 'AskUserQuestion';
const PLAN = 'ExitPlanMode';

/** How an answer in words starts, as the room gives it. */
export const ANSWER = 'The answer is: ';

/** A question of its own with one choice a line; several at once are answered in words. */
const asked = (input: unknown): Question | undefined => {
	const questions = listField(input, 'questions');
	const [only] = questions;
	const text = textField(only, 'question');
	if (text === undefined) return undefined;
	const options = (question: unknown) =>
		listField(question, 'options').map(option => ({
			label: textField(option, 'label') ?? '',
			description: textField(option, 'description') ?? '',
		}));
	const told = (question: unknown): string =>
		options(question)
			.map(({label, description}) => (description === '' ? label : `${label}: ${description}`))
			.join('\n');
	if (questions.length > 1) {
		const detail = questions.map(question => `${textField(question, 'question') ?? ''}\n${told(question)}`).join('\n\n');
		return {kind: 'question', text: `${text} (and ${questions.length - 1} more)`, detail, choices: []};
	}
	const choices = options(only)
		.filter(({label}) => label !== '')
		.slice(0, 9)
		.map(({label}): Choice => ({label, means: 'other'}));
	return {kind: 'question', text, detail: told(only), choices};
};

const NO: Choice = {label: 'No', means: 'deny'};

/** What a permission hook asks; `always` says how far it reaches, which is this session. */
export const questionOf = (payload: unknown): Question | undefined => {
	const tool = textField(payload, 'tool_name');
	const input = field(payload, 'tool_input');
	if (tool === undefined) return undefined;
	if (tool === ASKING) return asked(input);
	if (tool === PLAN) {
		const detail = textField(input, 'plan') ?? '';
		return {kind: 'permission', text: 'Approve the plan?', detail, choices: [{label: 'Yes', means: 'allow'}, NO]};
	}
	const reach = reachOf(payload);
	const always: readonly Choice[] = reach === '' ? [] : [{label: `Yes, in this session also ${reach}`, means: 'always'}];
	return {
		kind: 'permission',
		text: toolLine(tool, input),
		detail: toolUse(tool, input).detail,
		choices: [{label: 'Yes', means: 'allow'}, ...always, NO],
	};
};
