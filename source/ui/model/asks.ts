import type {Asks, Task} from '../../core/task.ts';

const WORDS: Readonly<Record<Asks, string>> = {
	plan: 'accept its plan?',
	rounds: 'accept its work? its review rounds are used up',
	checks: 'may it land all the same?',
	dropped: 'accept what the resolution of its conflict left out?',
};

/** What a person must decide about a task, in words; '' where it asks nothing. */
export const askText = ({asks, hold}: Pick<Task, 'asks' | 'hold'>): string => (asks === 'checks' && hold ? hold : asks ? WORDS[asks] : '');
