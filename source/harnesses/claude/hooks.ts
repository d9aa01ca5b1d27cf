import type {Reading} from '../../core/session/reading.ts';
import type {HookDecision, Notice} from '../shared/cli.ts';
import {field, listField, lookUp, textField} from '../shared/fields.ts';
import {failureOf} from './errors.ts';
import {doing, STATUS} from './names.ts';
import {ANSWER, ASKING, permissionRules, questionOf} from './question.ts';
import {statusOf} from './transcript.ts';

type Told = Omit<Reading, 'source' | 'sign'>;

const NOTIFICATIONS: Readonly<Record<string, Told>> = {
	permission_prompt: {state: 'needs-input'},
	elicitation_dialog: {state: 'needs-input'},
	idle_prompt: {state: 'idle'},
};

const TOLD: Readonly<Record<string, (payload: unknown) => Told | undefined>> = {
	// One that compacts or clears starts its session again in the middle of something else.
	SessionStart: payload => (['startup', 'resume'].includes(textField(payload, 'source') ?? '') ? {state: 'starting'} : {}),
	UserPromptSubmit: () => ({state: 'working', isPromptTaken: true}),
	PreToolUse: payload => ({state: 'working', doing: doing(payload)}),
	PermissionRequest: payload => {
		const question = questionOf(payload);
		return question && {state: 'needs-input', question};
	},
	PostToolUse: () => ({state: 'working'}),
	// An interrupted tool is the end of its turn, of which nothing else is said by a hook: the state file tells it.
	PostToolUseFailure: payload => (field(payload, 'is_interrupt') === true ? {} : {state: 'working'}),
	Notification: payload => lookUp(NOTIFICATIONS, textField(payload, 'notification_type')),
	PreCompact: () => ({state: 'working', doing: 'compacts its context'}),
	Stop: payload => {
		const said = textField(payload, 'last_assistant_message');
		return {state: 'idle', ...(said === undefined ? {} : {said})};
	},
	StopFailure: payload => {
		const text = [textField(payload, 'last_assistant_message') ?? '', textField(payload, 'error_details') ?? ''];
		return failureOf(textField(payload, 'error') ?? '', text.filter(part => part !== '').join('\n'));
	},
	SessionEnd: () => ({}),
	[STATUS]: statusOf,
};

/**
 * What Claude Code tells by its hooks, and by its status line. An event that is not known, or whose payload is not as it was seen, says
 * nothing. What agents of its own do below it is its work.
 */
export const readHook = (event: string, payload: unknown): readonly Reading[] => {
	const session = textField(payload, 'session_id');
	const told = session === undefined ? undefined : lookUp(TOLD, event)?.(payload);
	if (!told || (event !== STATUS && textField(payload, 'hook_event_name') !== event)) return [];
	const transcript = textField(payload, 'transcript_path');
	const sign = event === STATUS ? 'status line' : `hook ${event}`;
	return [{source: 'hook', sign, session, ...(transcript ? {transcript} : {}), ...told}];
};

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'notice', sign: what});

/**
 * The title turns a sign before its words while a turn is under way; at rest it is `✳`, also where a dialog waits: that one only denies work.
 * What it tells its terminal by OSC 9 comes six seconds after a dialog, and after a minute of rest.
 */
export const readNotice = ({kind, text}: Notice): Reading | undefined => {
	if (kind === 'title') {
		if (/^[◐◓◑◒\u2801-\u28ff] /.test(text)) return {...sign('title with a turning sign'), state: 'working'};
		return /^✳ /.test(text) ? {...sign('title ✳'), state: 'idle'} : undefined;
	}
	if (kind !== 'osc9' && kind !== 'osc777') return undefined;
	if (/Claude needs your (?:permission|attention)/.test(text)) return {...sign('notice needs permission'), state: 'needs-input'};
	return /Claude is waiting for your input/.test(text) ? {...sign('notice waiting for input'), state: 'idle'} : undefined;
};

const permission = (decision: object): string => JSON.stringify({hookSpecificOutput: {hookEventName: 'PermissionRequest', decision}});

/** One question that is answered by a word is answered as its dialog would; all else is told in words. */
const answered = (payload: unknown, text: string): object | undefined => {
	const questions = listField(payload, 'tool_input', 'questions');
	const question = textField(questions[0], 'question');
	if (textField(payload, 'tool_name') !== ASKING || questions.length !== 1 || question === undefined) return undefined;
	if (!text.startsWith(ANSWER)) return undefined;
	const input = field(payload, 'tool_input');
	return typeof input === 'object' ? {...input, answers: {[question]: text.slice(ANSWER.length)}} : undefined;
};

const decide = (decision: HookDecision, payload: unknown): string => {
	if (decision.kind === 'allow') return permission({behavior: 'allow'});
	if (decision.kind === 'always') return permission({behavior: 'allow', updatedPermissions: permissionRules(payload)});
	if (decision.kind !== 'deny') return '';
	const updatedInput = answered(payload, decision.text);
	if (updatedInput) return permission({behavior: 'allow', updatedInput});
	return permission({behavior: 'deny', message: decision.text === '' ? 'A human said no.' : decision.text});
};

/** Says no before anything is done, and ends the turn: what an agent hears whose task is somebody else's. */
const stop = (event: string, text: string): string =>
	JSON.stringify({
		continue: false,
		stopReason: text,
		...(event === 'PreToolUse'
			? {hookSpecificOutput: {hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: text}}
			: {}),
	});

const STOPPED_BY = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure'];

/** Hooks that can tell the model something next to what it does. */
const TELLING = ['UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure'];

/** What a hook prints to tell the decision. `always` holds for the session and is written nowhere. */
export const replyHook = (event: string, decision: HookDecision, payload: unknown): string => {
	if (event === 'PermissionRequest') return decide(decision, payload);
	if (event === 'Stop' && decision.kind === 'go-on') return JSON.stringify({decision: 'block', reason: decision.text});
	if (decision.kind === 'tell' && TELLING.includes(event))
		return JSON.stringify({hookSpecificOutput: {hookEventName: event, additionalContext: decision.text}});
	if (decision.kind === 'deny' && STOPPED_BY.includes(event)) return stop(event, decision.text);
	return '';
};
