import type {Reading} from '../../core/session.ts';
import {field, lookUp, textField} from '../fields.ts';
import {STATUS} from './names.ts';
import {questionOf} from './question.ts';
import {statusOf} from './status.ts';
import {doing} from './tools.ts';
import {failureOf} from './trouble.ts';

type Told = Omit<Reading, 'source' | 'sign'>;

const NOTIFICATIONS: Readonly<Record<string, Told>> = {
	permission_prompt: {state: 'asks'},
	elicitation_dialog: {state: 'asks'},
	idle_prompt: {state: 'idle'},
};

const TOLD: Readonly<Record<string, (payload: unknown) => Told | undefined>> = {
	// One that compacts or clears begins its session anew in the middle of something else.
	SessionStart: payload => (['startup', 'resume'].includes(textField(payload, 'source') ?? '') ? {state: 'starting'} : {}),
	UserPromptSubmit: () => ({state: 'working', isPromptTaken: true}),
	PreToolUse: payload => ({state: 'working', doing: doing(payload)}),
	PermissionRequest: payload => {
		const question = questionOf(payload);
		return question && {state: 'asks', question};
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
