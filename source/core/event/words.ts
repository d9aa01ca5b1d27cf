import {agentName} from '../agent/agent.ts';
import type {RoomEvent} from './event.ts';

/** The parts of an event that its sentence is made of. `stage` is the task's new one, '' where it did not change; a printed line has them all. */
export type Told = {
	readonly type: string;
	readonly task: string;
	readonly agent: string;
	readonly text: string;
	readonly by: string;
	readonly stage: string;
};

/** Ids in a line as people read them: `agent:dev:001` is `dev-1`. */
export const readable = (text: string): string => text.replace(/agent:[a-z]+:\d+/g, agentName);

const because = (text: string): string => (text ? `: ${text}` : '');

const completed = ({task, text, stage}: Told): string => {
	const next: Record<string, string> = {
		...{develop: 'back to develop', document: 'back to document', plan: 'planned again'},
		...{review: 'to review', audit: 'to audit', test: 'to test', resolve: 'to resolve', merge: 'to merge'},
	};
	return `${task} ${text || 'done'}${next[stage] ? `, ${next[stage]}` : ''}`;
};

const SENTENCES: Readonly<Record<string, (event: Told) => string>> = {
	task_submitted: ({task, text}) => `${task} queued: ${text}`,
	task_ready: ({task, text}) => `${task} is ready${because(text)}`,
	task_claimed: ({task, agent, text}) => `${agent} takes ${task} (${text})`,
	task_progressed: ({task, agent, text}) => (text ? `${agent || task} ${agent ? `${task} ` : ''}${text}` : ''),
	task_completed: completed,
	attempt_failed: ({task, agent, text}) => `${agent} ${task} failed${because(text)}`,
	task_released: ({task, text}) => `${task} back in the queue${because(text)}`,
	task_reclaimed: ({task, text}) => `${task} taken back${because(text)}`,
	task_needs_decision: ({task, text}) => `${task} waits for you${because(text)}`,
	task_decided: ({task, text}) => `${task} decided${because(text)}`,
	task_planned: ({task, text}) => `${task} planned${because(text)}`,
	task_joined: ({task, agent, text}) => `${agent} takes ${task} (merge, behind ${text})`,
	room_joined: ({text}) => text,
	room_left: ({text}) => text,
	leader_changed: ({text}) => text,
	base_moved: ({text}) => text,
	merges_go_to: ({text}) => text,
	base_strayed: ({text}) => text,
	base_decided: ({text}) => text,
	base_failing: ({text}) => text,
	entry_removed: ({task, text}) => `${task} out of the train${because(text)}`,
	test_flaky: ({task, text}) => `${task} flaky${because(text)}`,
	conflict_predicted: ({text}) => text,
	conflict_gone: ({text}) => text,
	network_refused: ({task, agent, text}) => `${agent || task} ${text}`,
	task_changes_requested: ({task, text}) => `${task} back to its author${because(text)}`,
	task_retested: ({task, text}) => `${task} back to test${because(text)}`,
	task_merged: ({task}) => `${task} merged`,
	task_unmerged: ({task, text}) => `${task} is merged no longer${because(text)}`,
	task_remerged: ({task, text}) => `${task} is merged${because(text)}`,
	task_failed: ({task, text}) => `${task} is dead${because(text)}`,
	task_cancelled: ({task, text}) => `${task} cancelled${because(text)}`,
	task_superseded: ({task, text}) => `${text} takes the place of ${task}`,
	task_retried: ({task}) => `${task} queued again`,
	// The other half of a move says nothing that the first has not said.
	task_reordered: ({task, text}) => (text.startsWith('before ') ? `${task} moved ${text}` : ''),
	task_commented: ({task, text}) => `you on ${task}: ${text}`,
	task_priority_set: ({task, text}) => `${task} has priority ${text} now`,
	task_wait_reason: ({task, text}) => (text ? `${task} ${text}` : `${task} goes on`),
	agent_registered: ({agent, text}) => `${agent} joined as ${text}`,
	agent_updated: ({agent, text}) => (text ? `${agent} ${text}` : ''),
	usage_recorded: () => '',
	account_throttled: ({agent, text}) => `rate limit of ${text}${agent ? ` (told by ${agent})` : ''}`,
	account_resumed: ({text}) => `account ${text}`,
	feature_ended: ({text}) => text,
	agent_left: ({agent}) => `${agent} left`,
	entry_refused: ({text}) => `refused from the queue: ${text}`,
	prompt_proved: () => '',
	prompt_rejected: ({agent, text}) => `${agent} did not get its ${text}`,
	prompt_unknown: ({agent, text}) => `${agent} may not have got its ${text}`,
	order_refused: ({agent, text}) => `${agent ? `${agent} ` : ''}${text}`,
	lock_taken: ({agent, text}) => `${agent} locks ${text}`,
	lock_forced: ({agent, text}) => `${agent} lost ${text}: unlocked by order`,
	lock_waiting: ({agent, text}) => `${agent} waits for ${text}`,
	lock_left: ({agent, text}) => `${agent} no longer waits for ${text}`,
	mail_sent: ({agent, text}) => `${agent} has mail from ${text}`,
	mail_read: () => '',
	lock_released: ({text}) => `${text} is free`,
	control_changed: ({text}) => text,
	budget_reached: ({text}) => text,
};

/**
 * Events that are a person's decision where a person's order wrote them. What else its step brought about (the next claim, a lock that is free) was decided
 * by the room, and carries the way as a field alone.
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

/** Names the way where the sentence says that a person did it, else behind it. */
const withWay = (sentence: string, by: string): string => {
	const person = / by (?:a person|you)(?=$|[:;,])/;
	return person.test(sentence) ? sentence.replace(person, () => ` by you, ${by}`) : `${sentence} (by you, ${by})`;
};

/**
 * One event as a sentence for people, without time and sign; '' where there is nothing to tell (a field changed that shows elsewhere).
 * The one place where events get their words.
 */
export const formatEvent = (event: Told): string => {
	// A reason may be a whole sentence; here it becomes a part of one.
	const told = {...event, agent: agentName(event.agent), text: event.text.replace(/\.$/, '')};
	const tell = SENTENCES[event.type];
	const sentence = tell ? tell(told) : [event.type.replaceAll('_', ' '), told.task, told.agent, told.text].filter(Boolean).join(' ');
	return readable(sentence !== '' && event.by !== '' && DECIDED.has(event.type) ? withWay(sentence, event.by) : sentence);
};

/** Which entries of the record are shown. `hasQuiet`: also those that have nothing to tell. */
export type EventFilter = {readonly text: string; readonly hasQuiet: boolean};

/** The sentence of an entry, '' where it is a quiet one. */
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
 * Whether an entry passes a filter: every word must be in its sentence, type, task or agent, and none after `!`; `t:t-3`, `a:dev-1` and
 * `k:merged` (also `task:`, `agent:`, `type:`) look at one field. Case does not count.
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
