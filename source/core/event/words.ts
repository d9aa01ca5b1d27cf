import {agentName} from '../agent/agent.ts';
import {roleWord} from '../agent/role-label.ts';
import type {RoomEvent} from './event.ts';

/** Parts of an event for its sentence. `stage` is the task's new one, '' if unchanged; a printed line has them all. */
export type Told = {
	readonly type: string;
	readonly task: string;
	readonly agent: string;
	readonly text: string;
	readonly by: string;
	readonly stage: string;
};

/** Replaces ids in a line by display names. */
export const readable = (text: string): string => text.replace(/agent:[a-z]+:\d+/g, agentName);

const because = (text: string): string => (text ? `: ${text}` : '');

const completed = ({task, text, stage}: Told): string => {
	const next: Record<string, string> = {
		...{develop: 'back to develop', document: 'back to document', plan: 'replanned'},
		...{review: 'to review', audit: 'to audit', test: 'to test', resolve: 'to resolve', merge: 'to merge'},
	};
	return `${task} ${text || 'done'}${next[stage] ? `, ${next[stage]}` : ''}`;
};

const SENTENCES: Readonly<Record<string, (event: Told) => string>> = {
	task_submitted: ({task, text}) => `${task} queued: ${text}`,
	task_ready: ({task, text}) => `${task} is ready${because(text)}`,
	task_claimed: ({task, agent, text}) => `${agent} started ${task} (${text})`,
	task_progressed: ({task, agent, text}) => (text ? `${agent || task} ${agent ? `${task} ` : ''}${text}` : ''),
	task_completed: completed,
	attempt_failed: ({task, agent, text}) => `${agent} failed at ${task}${because(text)}`,
	task_released: ({task, text}) => `${task} requeued${because(text)}`,
	task_reclaimed: ({task, text}) => `${task} reclaimed${because(text)}`,
	task_needs_decision: ({task, text}) => `${task} needs your approval${because(text)}`,
	task_decided: ({task, text}) => `${task} decided${because(text)}`,
	task_planned: ({task, text}) => `${task} planned${because(text)}`,
	task_joined: ({task, agent, text}) => `${agent} started ${task} (merge, behind ${text})`,
	task_batched: ({task, agent, text}) => `${agent} started ${task} (tests, together with ${text})`,
	base_moved: ({text}) => text,
	merges_go_to: ({text}) => text,
	queue_moved: ({text}) => text,
	room_joined: ({text}) => text,
	room_left: ({text}) => text,
	leader_changed: ({text}) => text,
	base_strayed: ({text}) => text,
	base_decided: ({text}) => text,
	base_failing: ({text}) => text,
	base_tested: ({text}) => text,
	entry_removed: ({task, text}) => `${task} removed from the merge queue${because(text)}`,
	test_flaky: ({task, text}) => `${task === '' ? '' : `${task} `}flaky${because(text)}`,
	conflict_predicted: ({text}) => text,
	conflict_gone: ({text}) => text,
	network_refused: ({task, agent, text}) => `${agent || task} ${text}`,
	task_changes_requested: ({task, text}) => `${task} changes requested${because(text)}`,
	task_retested: ({task, text}) => `${task} back to test${because(text)}`,
	task_merged: ({task}) => `${task} merged`,
	task_unmerged: ({task, text}) => `${task} is no longer merged${because(text)}`,
	pull_request_opened: ({task, text}) => `${task}: ${text}`,
	pull_request_changed: ({task, text}) => (text ? `${task}: ${text}` : ''),
	task_remerged: ({task, text}) => `${task} merged again${because(text)}`,
	task_rebuilt: ({task, text}) => `${task} ${text}`,
	feature_rebuilt: () => '',
	task_failed: ({task, text}) => `${task} failed${because(text)}`,
	task_cancelled: ({task, text}) => `${task} cancelled${because(text)}`,
	task_superseded: ({task, text}) => `${text} replaces ${task}`,
	task_retried: ({task}) => `${task} queued again`,
	// The other half of a move adds nothing.
	task_reordered: ({task, text}) => (text.startsWith('before ') ? `${task} moved ${text}` : ''),
	task_commented: ({task, text}) => `you commented on ${task}: ${text}`,
	task_priority_set: ({task, text}) => `${task} priority is now ${text}`,
	task_wait_reason: ({task, text}) => (text ? `${task} ${text}` : `${task} continues`),
	agent_registered: ({agent, text}) => `${agent} joined as ${roleWord(text)}`,
	agent_updated: ({agent, text}) => (text ? `${agent} ${text}` : ''),
	usage_recorded: () => '',
	account_throttled: ({agent, text}) => `rate limit of ${text}${agent ? ` (reported by ${agent})` : ''}`,
	account_resumed: ({text}) => `account ${text}`,
	feature_ended: ({text}) => `feature ${text}`,
	agent_left: ({agent}) => `${agent} left`,
	entry_refused: ({text}) => `rejected from the task queue: ${text}`,
	prompt_proved: () => '',
	prompt_rejected: ({agent, text}) => `${agent} did not receive its ${text}`,
	prompt_unknown: ({agent, text}) => `${agent} ${text} not confirmed`,
	order_refused: ({agent, text}) => `${agent ? `${agent} ` : ''}${text}`,
	lock_taken: ({agent, text}) => `${agent} locked ${text}`,
	lock_forced: ({agent, text}) => `${agent} lost ${text}: unlocked by you`,
	lock_waiting: ({agent, text}) => `${agent} waits for ${text}`,
	lock_left: ({agent, text}) => `${agent} stopped waiting for ${text}`,
	mail_sent: ({agent, text}) => `${agent} has a message from ${text}`,
	mail_read: () => '',
	lock_released: ({text}) => `${text} released`,
	control_changed: ({text}) => text,
	budget_reached: ({text}) => text,
};

/**
 * Events that record a decision of yours if your order wrote them. Further effects of the same step (the next claim, a released lock) carry
 * the way only as a field.
 */
const DECIDED = new Set([
	...[
		'task_submitted',
		'task_decided',
		'task_planned',
		'task_released',
		'task_changes_requested',
		'task_cancelled',
		'task_superseded',
		'task_retried',
	],
	...[
		'task_reordered',
		'task_priority_set',
		'task_commented',
		'task_retested',
		'task_wait_reason',
		'agent_updated',
		'agent_left',
		'account_resumed',
	],
	...['lock_forced', 'mail_sent', 'control_changed', 'feature_ended'],
]);

/** Adds the way to the sentence: where it names you, else at its end. */
const withWay = (sentence: string, by: string): string => {
	const person = / by (?:a person|you)(?=$|[:;,])/;
	return person.test(sentence) ? sentence.replace(person, () => ` by you, ${by}`) : `${sentence} (by you, ${by})`;
};

/** Formats an event without time and sign; '' if it has nothing to tell. The only place with words for events. */
export const formatEvent = (event: Told): string => {
	// A reason may be a whole sentence; here it becomes a clause.
	const told = {...event, agent: agentName(event.agent), text: event.text.replace(/\.$/, '')};
	const tell = SENTENCES[event.type];
	const sentence = tell ? tell(told) : [event.type.replaceAll('_', ' '), told.task, told.agent, told.text].filter(Boolean).join(' ');
	return readable(sentence !== '' && event.by !== '' && DECIDED.has(event.type) ? withWay(sentence, event.by) : sentence);
};

/** Which entries are shown. `hasQuiet`: also minor events. */
export type EventFilter = {readonly text: string; readonly hasQuiet: boolean};

/** Returns the sentence of an entry, '' for a minor event. */
export const sentenceOf = (event: RoomEvent): string => formatEvent({...event, stage: event.taskFields.stage ?? ''});

type Test = (event: RoomEvent, words: string) => boolean;

const FIELDS: Readonly<Record<string, (value: string) => Test>> = {
	t: value => event => event.task.toLowerCase() === value,
	a: value => event => agentName(event.agent).toLowerCase() === value || event.agent.toLowerCase() === value,
	k: value => event => event.type.includes(value),
};
const LONG: Readonly<Record<string, string>> = {task: 't', agent: 'a', type: 'k'};

const testOf = (word: string): Test => {
	const [, name = '', value = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
	const field = FIELDS[LONG[name] ?? name];
	if (field && value) return field(value);
	return (_, words) => words.includes(word);
};

/**
 * Builds a filter: every word must occur in sentence, type, task or agent, and none after `!`. `t:t-3`, `a:dev-1` and `k:merged` (also
 * `task:`, `agent:`, `type:`) match one field. Ignores case.
 */
export const eventMatcher = ({text, hasQuiet}: EventFilter): ((event: RoomEvent) => boolean) => {
	const tests = text
		.toLowerCase()
		.split(/\s+/)
		.filter(Boolean)
		.map(word =>
			word.startsWith('!') && word.length > 1 ? {test: testOf(word.slice(1)), wanted: false} : {test: testOf(word), wanted: true},
		);
	return event => {
		const sentence = sentenceOf(event);
		if (sentence === '' && !hasQuiet) return false;
		if (tests.length === 0) return true;
		const words = [sentence, event.type, event.task, agentName(event.agent), event.agent].join(' ').toLowerCase();
		return tests.every(({test, wanted}) => test(event, words) === wanted);
	};
};
