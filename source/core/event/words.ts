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

/** Events that tell of a task what happened to it, and then more. */
const HAPPENED: Readonly<Record<string, string>> = {
	task_ready: 'is ready',
	task_released: 'requeued',
	task_reclaimed: 'reclaimed',
	task_decided: 'decided',
	task_planned: 'planned',
	task_changes_requested: 'changes requested',
	task_unmerged: 'is no longer merged',
	task_remerged: 'merged again',
	task_failed: 'failed',
	task_cancelled: 'cancelled',
	task_retested: 'back to test',
};

/**
 * `t-1 planned: 8 tasks`: what happened to a task, and what is told of it. A text that says itself what happened says it alone: `t-1
 * cancelled by the plan t-9`, `t-2: the plan needs your approval`.
 */
const happened = (what: string, {task, text}: Pick<Told, 'task' | 'text'>): string => {
	if (text === what || text.startsWith(`${what}:`) || text.startsWith(`${what} `)) return `${task} ${text}`;
	// A single word may stand in any text; more than one stand there because they are meant.
	const isSaid = text.includes(`, ${what} by `) || (what.includes(' ') && text.endsWith(what));
	return isSaid ? `${task}: ${text}` : `${task} ${what}${because(text.replace(/: retested$/, ''))}`;
};

const completed = ({task, text, stage}: Told): string => {
	const next: Record<string, string> = {
		...{develop: 'back to develop', document: 'back to document', plan: 'replanned'},
		...{review: 'to review', audit: 'to audit', test: 'to test', resolve: 'to resolve', merge: 'to merge'},
	};
	// Why it was removed is told by the event that follows.
	const what = text.replace(/, [^,]* passes: removed from the merge queue$/, '') || 'done';
	// A sentence of its own follows a colon.
	const told = /^[A-Z][a-z]/.test(what) ? `: ${what.charAt(0).toLowerCase()}${what.slice(1)}` : ` ${what}`;
	return `${task}${told}${next[stage] ? `, ${next[stage]}` : ''}`;
};

const SENTENCES: Readonly<Record<string, (event: Told) => string>> = {
	task_submitted: ({task, text}) => `${task} queued: ${text}`,
	task_claimed: ({task, agent, text}) => `${agent} started ${task} (${text})`,
	task_progressed: ({task, agent, text}) => (text ? `${agent && `${agent} `}${task}: ${text}` : ''),
	task_completed: completed,
	task_needs_decision: told => (told.text.startsWith('blocked: ') ? `${told.task} is ${told.text}` : happened('needs your approval', told)),
	attempt_failed: ({task, agent, text}) => `${agent} failed at ${task}${because(text)}`,
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
	// Of the base no task is told.
	test_flaky: ({task, text}) => (task === '' ? `flaky${because(text)}` : happened('flaky', {task, text})),
	entry_removed: ({task, text}) => `${task} removed from the merge queue${because(text.replace(/: removed from the merge queue$/, ''))}`,
	conflict_predicted: ({text}) => text,
	conflict_gone: ({text}) => text,
	network_refused: ({task, agent, text}) => `${agent || task} ${text}`,
	task_merged: ({task}) => `${task} merged`,
	pull_request_opened: ({task, text}) => `${task}: ${text}`,
	pull_request_changed: ({task, text}) => (text ? `${task}: ${text}` : ''),
	task_rebuilt: ({task, text}) => `${task} ${text}`,
	feature_rebuilt: () => '',
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
	prompt_unknown: ({agent, text}) => `${agent} ${text}${/\bnot confirmed\b/.test(text) ? '' : ', not confirmed'}`,
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
	const what = Object.hasOwn(HAPPENED, event.type) ? HAPPENED[event.type] : undefined;
	const sentence = what
		? happened(what, told)
		: tell
			? tell(told)
			: [event.type.replaceAll('_', ' '), told.task, told.agent, told.text].filter(Boolean).join(' ');
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
