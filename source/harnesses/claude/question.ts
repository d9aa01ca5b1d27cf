import type {Choice, Question} from '../../core/session/reading.ts';
import {field, listField, lookUp, textField} from '../shared/fields.ts';
import {toolLine, toolUse} from './names.ts';

/**
 * Claude's suggested rules, limited to this session: its own choice would write them into the repository. Drops unknown kinds and those
 * that remove rights from the user's rules.
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

/** Scope of the rules in words; '' for none. */
const reachOf = (payload: unknown): string =>
	permissionRules(payload)
		.map(permissionRule => lookUp(WORDS, textField(permissionRule, 'type'))?.(permissionRule) ?? '')
		.join('; ');

export const ASKING = 'AskUserQuestion';
const PLAN = 'ExitPlanMode';

/** Prefix of the room's answers in text. */
export const ANSWER = 'The answer is: ';

/** Claude's own question, one choice a line. Several at once are answered as text. */
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

/** The question of a permission hook; `always` names its scope, which is this session. */
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
