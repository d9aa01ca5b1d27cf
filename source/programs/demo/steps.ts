import type {NewTask} from '../../core/action.ts';
import type {Step} from '../scripted/step.ts';
import {moduleTest} from './project.ts';

/** A task of the demo's plan, and what its developer does. */
export type DemoTask = {readonly task: NewTask & {readonly id: string}; readonly steps: readonly Step[]};

/** A module of the scratch repository. */
export const source = (name: string, body: string): Step => ({
	edit: {file: `src/${name}.mjs`, write: `export const ${name} = ${body};\n`},
});
export const tested = (name: string, expression: string, expected: string): Step => ({
	edit: {file: `test/${name}.test.mjs`, write: moduleTest(name, expression, expected)},
});

const STATUS = 'Status: just begun.';

/** Two of these start from the same base and rewrite the same line: the second to arrive conflicts, and a resolver keeps both. */
export const status = (id: string, title: string, line: string, thinkMs: number): DemoTask => ({
	task: {id, title, priority: 100, brief: `Rewrite the status line of README.md: "${line}"`, acceptance: ['The README says so.']},
	steps: [
		{when: {hasConflict: true}, say: 'Somebody else changed that line first. I take their work in and keep both.'},
		{when: {hasConflict: true}, resolve: 'both'},
		{when: {diffHas: line}, exit: 0},
		{say: 'Reading README.md.'},
		{think: thinkMs},
		{edit: {file: 'README.md', replace: {from: STATUS, to: line}}},
		{commit: title},
	],
});

/** A small function with its test. */
export const plain = (
	id: string,
	title: string,
	name: string,
	body: string,
	check: readonly [expression: string, expected: string],
	more: Partial<NewTask> = {},
): DemoTask => ({
	task: {id, title, priority: 50, brief: `Add \`${name}\` with a test.`, acceptance: [`\`${name}\` has a test.`], ...more},
	steps: [{say: `I will write \`${name}\` and its test.`}, {think: 800}, source(name, body), tested(name, ...check), {commit: title}],
});
