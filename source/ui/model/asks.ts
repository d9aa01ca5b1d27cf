import type {Asks, Task} from '../../core/task.ts';

const WORDS: Readonly<Record<Asks, string>> = {
	plan: 'accept its plan?',
	rounds: 'accept its work? its review rounds are used up',
	dropped: 'accept what the resolution of its conflict left out?',
};

/** What a person must decide about a task, in words; '' where it asks nothing. */
export const askText = ({asks}: Pick<Task, 'asks'>): string => (asks ? WORDS[asks] : '');
