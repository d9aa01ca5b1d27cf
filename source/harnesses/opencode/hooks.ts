import type {Usage} from '../../core/cost/usage.ts';
import type {Question, Reading} from '../../core/session/reading.ts';
import type {HookDecision, LaunchContext} from '../shared/cli.ts';
import {countField, entry, field, firstLine, listField, textField} from '../shared/fields.ts';
import {doingOf, failureOf, isLimit} from './stream.ts';

type Told = Omit<Reading, 'source' | 'sign'>;

/** Reads the plugin's events; [] for unknown ones. */
export const readHook = (event: string, payload: unknown): readonly Reading[] => {
	const told = textField(payload, 'event') === event ? entry(TOLD, event)?.(payload) : undefined;
	if (!told) return [];
	const session = textField(payload, 'session');
	return [{source: 'hook', sign: `plugin ${event}`, ...(session ? {session} : {}), ...told}];
};

const TOLD: Readonly<Record<string, (payload: unknown) => Told | undefined>> = {
	session: () => ({}),
	prompt: () => ({state: 'working', isPromptTaken: true}),
	busy: () => ({state: 'working'}),
	tool: payload => ({state: 'working', doing: doingOf(textField(payload, 'tool') ?? 'a tool', field(payload, 'args'))}),
	retry: payload => {
		const message = textField(payload, 'message') ?? '';
		const waitMs = countField(payload, 'waitMs') ?? 0;
		const attempt = countField(payload, 'attempt') ?? 1;
		return {
			state: isLimit(message) ? 'rate-limited' : 'retrying',
			isRetrying: true,
			reason: `${/overloaded/i.test(message) ? 'overloaded: ' : isLimit(message) ? 'rate-limited: ' : ''}${firstLine(message)}, attempt ${attempt}`,
			...(waitMs > 0 ? {retryMs: waitMs} : {}),
		};
	},
	idle: payload => {
		const said = textField(payload, 'said');
		const failed = field(payload, 'failed');
		return {state: 'idle', ...(failed === undefined ? {} : failureOf(failed)), ...(said ? {said} : {}), ...usageOf(payload)};
	},
	usage: payload => usageOf(payload),
	permission: payload => {
		const question = permissionOf(payload);
		return question && {state: 'needs-input', question};
	},
	question: payload => {
		const question = askedOf(payload);
		return question && {state: 'needs-input', question};
	},
};

const usageOf = (payload: unknown): {usage?: Usage} => {
	const cost = field(payload, 'usage', 'cost');
	const tokensIn = countField(payload, 'usage', 'input');
	const tokensOut = countField(payload, 'usage', 'output');
	if (typeof cost !== 'number' || !(cost >= 0) || tokensIn === undefined || tokensOut === undefined) return {};
	const cached = countField(payload, 'usage', 'cached') ?? 0;
	const model = textField(payload, 'usage', 'model');
	return {usage: {micros: Math.round(cost * 1e6), tokensIn, tokensOut, isTotal: true, cached, ...(model ? {model} : {})}};
};

const texts = (payload: unknown, name: string): readonly string[] =>
	listField(payload, name).filter((text): text is string => typeof text === 'string');

const permissionOf = (payload: unknown): Question | undefined => {
	const permission = textField(payload, 'permission');
	const id = textField(payload, 'id');
	if (permission === undefined || id === undefined) return undefined;
	const patterns = texts(payload, 'patterns');
	const command = textField(payload, 'metadata', 'command');
	const always = texts(payload, 'always');
	return {
		kind: 'permission',
		id,
		text: `${entry(NAMES, permission) ?? permission}: ${firstLine(command ?? patterns.join(', '))}`,
		detail: command ?? textField(payload, 'metadata', 'diff') ?? patterns.join('\n'),
		choices: [
			{label: 'Allow once', means: 'allow'},
			...(always.length === 0 ? [] : [{label: `Allow until opencode ends: ${firstLine(always.join(', '), 80)}`, means: 'always' as const}]),
			{label: 'Reject', means: 'deny'},
		],
	};
};

const NAMES: Readonly<Record<string, string>> = {
	bash: 'Run',
	edit: 'Edit',
	webfetch: 'Fetch',
	external_directory: 'Read outside the worktree',
	doom_loop: 'Continue, although it repeats itself',
};

/** Several questions at once become one; its answer applies to each. */
const askedOf = (payload: unknown): Question | undefined => {
	const id = textField(payload, 'id');
	const questions = listField(payload, 'questions');
	const asked = questions.flatMap(question => textField(question, 'question') ?? []);
	if (id === undefined || asked.length === 0) return undefined;
	const options = questions.length > 1 || field(questions[0], 'multiple') === true ? [] : listField(questions[0], 'options');
	return {
		kind: 'question',
		id,
		text: firstLine(asked.join(' / ')),
		detail: listField(questions[0], 'options')
			.map(option => [textField(option, 'label'), textField(option, 'description')].filter(Boolean).join(': '))
			.join('\n'),
		choices: options.flatMap(option => {
			const label = textField(option, 'label');
			return label === undefined ? [] : [{label, means: 'other' as const}];
		}),
	};
};

/** Prefix of the room's answers in text. */
const ANSWER = /^The answer is: /;

export const replyHook = (event: string, decision: HookDecision, payload: unknown): string => {
	if (event === 'permission' && (decision.kind === 'allow' || decision.kind === 'always'))
		return JSON.stringify({reply: decision.kind === 'allow' ? 'once' : 'always'});
	// A rejection with a message continues the turn, one without ends it.
	if (event === 'permission' && decision.kind === 'deny')
		return JSON.stringify({reply: 'reject', ...(decision.text === '' ? {} : {message: decision.text})});
	if (event === 'question' && decision.kind === 'deny' && ANSWER.test(decision.text)) {
		const answer = decision.text.replace(ANSWER, '');
		return JSON.stringify({answers: listField(payload, 'questions').map(() => [answer])});
	}
	if (event === 'question' && decision.kind === 'deny') return JSON.stringify({reject: true});
	if (event === 'idle' && decision.kind === 'go-on') return JSON.stringify({goOn: decision.text});
	return decision.kind === 'deny' ? JSON.stringify({abort: true}) : '';
};

type Rules = Readonly<Record<string, 'ask' | 'allow' | 'deny'>>;

/** A pattern for exactly this text: opencode has no escape for wildcards. */
const isPlain = (command: string): boolean => !/[*?\n]/.test(command);

/**
 * Permission rules; the last matching pattern decides. Each command of a chain is checked alone, with its redirection. Reading tools keep
 * the user's rules. In the sandbox nothing asks that stays inside, unless you chose `ask`.
 */
export const permissionsOf = ({
	permissions,
	writes,
	allowed,
	reports,
	isSandboxed,
	told,
}: Pick<LaunchContext, 'permissions' | 'writes' | 'allowed' | 'reports' | 'isSandboxed' | 'told'>): Readonly<
	Record<string, string | Rules>
> => {
	const edit = writes ? (permissions === 'ask' ? 'ask' : 'allow') : 'deny';
	if (permissions === 'full') return writes ? {} : {edit};
	if (isSandboxed && permissions !== 'ask')
		return {edit, bash: {'*': 'allow'}, external_directory: {'*': 'allow'}, webfetch: 'ask', 'room_*': 'allow'};
	return {
		edit,
		bash: {
			'*': 'ask',
			...Object.fromEntries(allowed.filter(isPlain).map(command => [command, 'allow' as const])),
			...Object.fromEntries(
				reports.filter(isPlain).flatMap(command => [
					[command, 'allow' as const],
					[`${command} *`, 'allow' as const],
					// Redirection is part of a command: writing a file asks.
					[`${command}*>*`, 'ask' as const],
				]),
			),
		},
		webfetch: 'ask',
		// Files for the agent are in the session's folder.
		external_directory: {'*': 'ask', [`${told}/*`]: 'allow'},
		'room_*': 'allow',
	};
};
