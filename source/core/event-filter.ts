import {agentName} from './agent.ts';
import type {RoomEvent} from './event.ts';
import {tellEvent} from './event-words.ts';

/** Which entries of the record are shown. `hasQuiet`: also those that have nothing to tell. */
export type EventFilter = {readonly text: string; readonly hasQuiet: boolean};

/** The sentence of an entry, '' where it is a quiet one. */
export const sentenceOf = (event: RoomEvent): string => tellEvent({...event, stage: event.taskFields.stage ?? ''});

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
