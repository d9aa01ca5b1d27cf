import type {Key} from './keys.ts';
import type {Ask} from './step.ts';

/** A permission box on the agent's screen: which choice is marked, counted from 0. */
export type Question = {readonly ask: Pick<Ask, 'question' | 'detail' | 'choices'>; readonly marked: number};

/** What a key does to the box: the arrows move, a digit or enter chooses, escape takes the last choice as a CLI's "No" does. */
export const pressed = (question: Question, key: Key): Question | {readonly chosen: number} => {
	const last = question.ask.choices.length - 1;
	switch (key.name) {
		case 'up':
			return {...question, marked: question.marked === 0 ? last : question.marked - 1};
		case 'down':
			return {...question, marked: question.marked === last ? 0 : question.marked + 1};
		case 'enter':
			return {chosen: question.marked};
		case 'escape':
			return {chosen: last};
		case 'text': {
			const digit = Number(/[1-9]/.exec(key.text)?.[0] ?? 0);
			return digit >= 1 && digit <= last + 1 ? {chosen: digit - 1} : question;
		}
		default:
			return question;
	}
};

/** The box as lines, in the form that agent CLIs use: a rule, what it is about, the question, numbered choices with one marked. */
export const questionLines = ({ask, marked}: Question, columns: number): readonly string[] => [
	'─'.repeat(Math.max(1, columns)),
	...(ask.detail === undefined ? [] : [' Permission', '', ...ask.detail.split('\n').map(line => `   ${line}`), '']),
	` ${ask.question}`,
	...ask.choices.map((choice, index) => ` ${index === marked ? '❯' : ' '} ${index + 1}. ${choice}`),
	'',
	' a digit or ↑↓ and enter · esc to refuse',
];
