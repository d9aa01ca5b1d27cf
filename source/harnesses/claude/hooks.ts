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
	// After compact or clear the session starts again in the middle of a turn.
	SessionStart: payload => (['startup', 'resume'].includes(textField(payload, 'source') ?? '') ? {state: 'starting'} : {}),
	UserPromptSubmit: () => ({state: 'working', isPromptTaken: true}),
	PreToolUse: payload => ({state: 'working', doing: doing(payload)}),
	PermissionRequest: payload => {
		const question = questionOf(payload);
		return question && {state: 'needs-input', question};
	},
	PostToolUse: () => ({state: 'working'}),
	// An interrupted tool ends its turn without a hook; the state file reports it.
	PostToolUseFailure: payload => (field(payload, 'is_interrupt') === true ? {} : {state: 'working'}),
	Notification: payload => lookUp(NOTIFICATIONS, textField(payload, 'notification_type')),
	PreCompact: () => ({state: 'working', doing: 'compacts its context'}),
	Stop: payload => {
		const said = textField(payload, 'last_assistant_message');
		return {state: 'idle', ...(said === undefined ? {} : {said})};
	},
	StopFailure: payload => {
		const text = [textField(payload, 'last_assistant_message') ?? '', textField(payload, 'error_details') ?? ''];
		return {...failureOf(textField(payload, 'error') ?? '', text.filter(part => part !== '').join('\n')), cutOff: 'error'};
	},
	SessionEnd: () => ({}),
	[STATUS]: statusOf,
};

/** Reads Claude's hooks and status line. Unknown events and payloads of another shape give []. Work of its subagents counts as its own. */
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
 * While a turn runs the title starts with a spinner. At rest and during a dialog it is `✳`, so `✳` only rules out work. OSC 9 comes 6 s
 * after a dialog and after a minute of rest.
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

/** A single question with one answer is answered like its dialog; anything else as text. */
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

/** Refuses before anything runs and ends the turn. Used when the agent's task was reassigned. */
const stop = (event: string, text: string): string =>
	JSON.stringify({
		continue: false,
		stopReason: text,
		...(event === 'PreToolUse'
			? {hookSpecificOutput: {hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: text}}
			: {}),
	});

const STOPPED_BY = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure'];

/** Hooks whose reply may add text for the model. */
const TELLING = ['UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure'];

/** Returns what a hook prints for a decision. `always` lasts for the session and is stored nowhere. */
export const replyHook = (event: string, decision: HookDecision, payload: unknown): string => {
	if (event === 'PermissionRequest') return decide(decision, payload);
	if (event === 'Stop' && decision.kind === 'go-on') return JSON.stringify({decision: 'block', reason: decision.text});
	if (decision.kind === 'tell' && TELLING.includes(event))
		return JSON.stringify({hookSpecificOutput: {hookEventName: event, additionalContext: decision.text}});
	if (decision.kind === 'deny' && STOPPED_BY.includes(event)) return stop(event, decision.text);
	return '';
};
