import type {NewTask} from '../../core/action.ts';
import type {Script, Step} from '../scripted/step.ts';
import {moduleTest} from './project.ts';

type DemoTask = {readonly task: NewTask & {readonly id: string}; readonly steps: readonly Step[]};

const source = (name: string, body: string): Step => ({edit: {file: `src/${name}.mjs`, write: `export const ${name} = ${body};\n`}});
const tested = (name: string, expression: string, expected: string): Step => ({
	edit: {file: `test/${name}.test.mjs`, write: moduleTest(name, expression, expected)},
});

const STATUS = 'Status: just begun.';
/** Two of these start from the same base and rewrite the same line: the second to arrive conflicts, merges the base in and comes back. */
const status = (id: string, title: string, line: string, thinkMs: number): DemoTask => ({
	task: {id, title, priority: 100, brief: `Rewrite the status line of README.md: "${line}"`},
	steps: [
		{when: {hasConflict: true}, say: 'Somebody else changed that line first. I take their work in and keep both.'},
		{when: {hasConflict: true}, resolve: 'both'},
		{when: {hasConflict: true}, exit: 0},
		{say: 'Reading README.md.'},
		{think: thinkMs},
		{edit: {file: 'README.md', replace: {from: STATUS, to: line}}},
		{commit: title},
	],
});

const slugify = (waitMs: number): DemoTask => ({
	task: {
		id: 'slugify',
		title: 'Turn titles into slugs',
		priority: 90,
		brief: 'Add `slugify` with a test. Run the tests before you hand it in.',
	},
	steps: [
		{say: 'I will write `slugify` and its test.'},
		{think: 800},
		source('slugify', "text => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')"),
		tested('slugify', "slugify('Hello, World!')", 'hello-world'),
		{
			ask: {
				question: 'Do you want to proceed?',
				detail: 'sh check.sh',
				choices: ['Yes', 'No, hand it in without running the tests'],
				waitMs,
				otherwise: 1,
				answers: {1: [{run: ['sh', 'check.sh']}], 2: [{say: 'As you wish: the test orchestrator runs them anyway.'}]},
			},
		},
		{commit: 'Turn titles into slugs'},
	],
});

const truncate: DemoTask = {
	task: {id: 'truncate', title: 'Cut text with an ellipsis', priority: 80, brief: 'Add `truncate` with a test.'},
	steps: [
		{say: 'I will write `truncate` and its test.'},
		{when: {attempt: 1}, think: 1200},
		source('truncate', "(text, length) => (text.length > length ? text.slice(0, length - 1) + '…' : text)"),
		{when: {attempt: 1}, progress: 'half way'},
		{when: {attempt: 1}, crash: {signal: 'SIGKILL'}},
		{say: 'The one before me left `src/truncate.mjs` behind. I go on from there.'},
		{think: 800},
		tested('truncate', "truncate('abcdef', 4)", 'abc…'),
		{commit: 'Cut text with an ellipsis'},
	],
};

const capitalize: DemoTask = {
	task: {id: 'capitalize', title: 'Capitalize every word', priority: 70, brief: 'Add `capitalize` with a test.'},
	steps: [
		{when: {round: 0}, say: 'I will write `capitalize`.'},
		{think: 800},
		source('capitalize', 'text => text.replace(/\\b[a-z]/g, letter => letter.toUpperCase())'),
		{when: {round: 0}, commit: 'Capitalize every word'},
		{when: {round: 0}, exit: 0},
		{say: 'The reviewer is right: the test is missing.'},
		tested('capitalize', "capitalize('one two')", 'One Two'),
		{commit: 'Test capitalize'},
	],
};

const plain = (
	id: string,
	title: string,
	name: string,
	body: string,
	check: readonly [string, string],
	after: readonly string[] = [],
): DemoTask => ({
	task: {id, title, priority: 50, brief: `Add \`${name}\` with a test.`, after},
	steps: [{say: `I will write \`${name}\` and its test.`}, {think: 1000}, source(name, body), tested(name, ...check), {commit: title}],
});

const readingTime = plain(
	'reading-time',
	'Estimate the reading time',
	'readingTime',
	'text => Math.ceil(text.split(/\\s+/).length / 200)',
	["String(readingTime('a b c'))", '1'],
	['slugify', 'truncate'],
);

const further = (number: number): DemoTask =>
	plain(
		`count-${number}`,
		`Count words of ${number} letters`,
		`count${number}`,
		`text => text.split(/\\s+/).filter(word => word.length === ${number}).length`,
		[`String(count${number}('${'x'.repeat(number)} y'))`, number === 1 ? '2' : '1'],
	);

const REVIEW: readonly Step[] = [
	{readDiff: true},
	{think: 500},
	{
		when: {diffLacks: 'test/capitalize.test.mjs', task: 'capitalize'},
		done: {verdict: 'changes', comments: '`capitalize` has no test. Please add one.'},
	},
	{when: {diffLacks: 'test/capitalize.test.mjs', task: 'capitalize'}, exit: 0},
	{done: {verdict: 'approve', comments: 'Reads well.'}},
];

/** How many tasks the story has by itself; fewer leave things out from its end, more are small ones of their own. */
export const STORY_TASKS = 6;

/**
 * The demo's plan and what its agents do with it: a conflict, a permission question (nobody's answer is taken after `waitMs`), a crash,
 * a review that asks for changes, and a task that waits for two others.
 */
export const demoPlan = (count: number, waitMs: number): {readonly tasks: readonly NewTask[]; readonly script: Script} => {
	const story = [
		status('readme-status', 'Say in the README what works', 'Status: slugs and cuts work.', 1500),
		status('readme-install', 'Say in the README how to install', 'Install: npm install wordsmith', 1700),
		slugify(waitMs),
		truncate,
		capitalize,
		readingTime,
	];
	const more = Array.from({length: Math.max(0, count - STORY_TASKS)}, (_, index) => further(index + 1));
	const chosen = [...story.slice(0, count), ...more];
	const known = new Set(chosen.map(({task}) => task.id));
	return {
		tasks: chosen.map(({task}) => ({...task, after: task.after?.filter(id => known.has(id))})),
		script: {
			scripts: [{when: {stage: ['review', 'audit']}, steps: REVIEW}, ...chosen.map(({task, steps}) => ({when: {task: task.id}, steps}))],
		},
	};
};
