import type {NewTask} from '../../core/intake/new-task.ts';
import type {Script, Step} from '../scripted/script.ts';
import {moduleTest} from './project.ts';

type DemoTask = {readonly task: NewTask & {readonly id: string}; readonly steps: readonly Step[]};

const source = (name: string, body: string): Step => ({
	edit: {file: `src/${name}.mjs`, write: `export const ${name} = ${body};\n`},
});
const tested = (name: string, expression: string, expected: string): Step => ({
	edit: {file: `test/${name}.test.mjs`, write: moduleTest(name, expression, expected)},
});

const STATUS = 'Status: just started.';

/** Two of these rewrite the same line from the same base: the second conflicts, and a resolver keeps both lines. */
const status = (id: string, title: string, line: string, thinkMs: number): DemoTask => ({
	task: {id, title, priority: 100, description: `Rewrite the status line of README.md: "${line}"`, acceptance: ['The README says so.']},
	steps: [
		{when: {hasConflict: true}, say: 'Another task changed that line first. I merge it and keep both.'},
		{when: {hasConflict: true}, resolve: 'both'},
		{when: {diffHas: line}, exit: 0},
		{say: 'Reading README.md.'},
		{think: thinkMs},
		{edit: {file: 'README.md', replace: {from: STATUS, to: line}}},
		{commit: title},
	],
});

const plain = (
	id: string,
	title: string,
	name: string,
	body: string,
	check: readonly [expression: string, expected: string],
	more: Partial<NewTask> = {},
): DemoTask => ({
	task: {id, title, priority: 50, description: `Add \`${name}\` with a test.`, acceptance: [`\`${name}\` has a test.`], ...more},
	steps: [{say: `I will write \`${name}\` and its test.`}, {think: 800}, source(name, body), tested(name, ...check), {commit: title}],
});

export const FEATURE = {id: 'wordsmith', title: 'Make wordsmith useful'} as const;

/** Announced before the room opens and on its first pane. */
export const WHAT_COMES = [
	'You will see scripted agents build a feature: its plan, a permission question (a, then 1, answers it), an agent that crashes,',
	'a review that requests changes, a security review, a merge conflict, tests that fail once, and documentation.',
	'Each task reaches main only after its tests passed on the merge. No API key, no cost. q then d leaves.',
] as const;

/** Asks for a permission, on its own screen and in the room. */
const slugify = (waitMs: number): DemoTask => ({
	task: {
		id: 'slugify',
		title: 'Turn titles into slugs',
		priority: 90,
		description: 'Add `slugify` with a test. Run the tests before you submit it.',
		acceptance: ['`slugify` has a test.'],
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
				choices: ['Yes', 'No, submit it without running the tests'],
				waitMs,
				otherwise: 1,
				answers: {1: [{run: ['sh', 'check.sh']}], 2: [{say: 'The test runner runs them anyway.'}]},
			},
		},
		{commit: 'Turn titles into slugs'},
	],
});

/** Crashes; another agent continues from its work. */
const truncate: DemoTask = {
	task: {id: 'truncate', title: 'Cut text with an ellipsis', priority: 80, description: 'Add `truncate` with a test.'},
	steps: [
		{say: 'I will write `truncate` and its test.'},
		{when: {attempt: 1}, think: 1200},
		source('truncate', "(text, length) => (text.length > length ? text.slice(0, length - 1) + '…' : text)"),
		{when: {attempt: 1}, progress: 'half way'},
		{when: {attempt: 1}, crash: {signal: 'SIGKILL'}},
		{say: 'The last attempt left `src/truncate.mjs`. I continue from there.'},
		{think: 800},
		tested('truncate', "truncate('abcdef', 4)", 'abc…'),
		{commit: 'Cut text with an ellipsis'},
	],
};

/** Has no test, which its reviewer requests. */
const capitalize: DemoTask = {
	task: {
		id: 'capitalize',
		title: 'Capitalize every word',
		priority: 70,
		description: 'Add `capitalize` with a test.',
		acceptance: ['`capitalize` has a test.'],
	},
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

const READING_TIME = 'Estimate the reading time';
/** Its first version fails its own test on the merge candidate. */
const readingTime: DemoTask = {
	task: {
		id: 'reading-time',
		title: READING_TIME,
		priority: 60,
		description: 'Add `readingTime` with a test: 200 words a minute, at least one.',
		acceptance: ['Three words take a minute.'],
		after: ['slugify'],
	},
	steps: [
		{when: {diffHas: 'Math.floor'}, say: 'The test is right: three words take a minute, not none.'},
		{when: {diffHas: 'Math.floor'}, edit: {file: 'src/readingTime.mjs', replace: {from: 'Math.floor', to: 'Math.ceil'}}},
		{when: {diffHas: 'Math.floor'}, commit: 'Round the reading time up'},
		{when: {diffHas: 'Math.ceil'}, exit: 0},
		{say: 'I will write `readingTime` and its test.'},
		{think: 800},
		source('readingTime', 'text => Math.floor(text.split(/\\s+/).length / 200)'),
		tested('readingTime', "String(readingTime('a b c'))", '1'),
		{commit: READING_TIME},
	],
};

/** Under a protected path: needs a security review too. */
const escapeHtml = plain(
	'escape-html',
	'Escape text for HTML',
	'escapeHtml',
	"text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\"', '&quot;')",
	['escapeHtml(\'<a href="b">\')', '&lt;a href=&quot;b&quot;>'],
	{priority: 85, paths: ['src/escapeHtml.mjs']},
);
/** `protectedPaths` of the demo's configuration. */
export const PROTECTED = ['src/escape*'];

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
		done: {
			verdict: 'changes',
			comments: [
				{file: 'src/capitalize.mjs', line: 1, severity: 'must-fix', text: '`capitalize` has no test. Please add one.'},
				{file: 'src/capitalize.mjs', line: 1, severity: 'nit', text: 'Letters beyond a to z stay small.'},
			],
		},
	},
	{when: {diffLacks: 'test/capitalize.test.mjs', task: 'capitalize'}, exit: 0},
	{done: {verdict: 'approve', comments: 'Reads well.'}},
];

const AUDIT: readonly Step[] = [
	{readDiff: true},
	{say: 'Every character that opens something in HTML is escaped.'},
	{think: 800},
	{done: {verdict: 'approve', comments: 'No input reaches a page as markup.'}},
];

const RESOLVE: readonly Step[] = [{say: 'Both lines are wanted: I keep both.'}, {think: 800}, {resolve: 'both'}];

const DOCUMENT: readonly Step[] = [
	{say: 'I will describe what there is now.'},
	{think: 600},
	{
		edit: {
			file: 'docs/functions.md',
			write: '# Functions\n\nOne module below `src/` for each function, one test below `test/` for each module.\n',
		},
	},
	{commit: 'Describe the functions'},
];

const PLAN = (tasks: readonly NewTask[]): readonly Step[] => [
	...WHAT_COMES.map(say => ({say})),
	{say: 'Reading the repository.'},
	{think: 1000},
	{say: `I split “${FEATURE.title}” into tasks.`},
	{plan: {tasks: tasks.map(task => ({...task}))}},
];

/** Of a feature and a task that somebody types in the demo: agents without a script for it cannot write code. */
const OWN_PLAN: readonly Step[] = [
	{say: 'I follow a script, so I split every feature in two. A real Planner reads the repository first.'},
	{think: 1000},
	{plan: {tasks: [{title: 'The first half of your feature'}, {title: 'The second half of your feature'}]}},
];
/** A file for each task: two wishes never conflict, and none is another's. */
const NOTED: Step = {
	run: ['sh', '-c', 'mkdir -p docs/wishes && echo "A wish, typed in the demo." >"docs/wishes/$AGENT_ROOM_TASK.md"'],
};
const OWN_DOCUMENT: readonly Step[] = [{say: 'I describe what was wished for.'}, {think: 600}, NOTED, {commit: 'Describe a wish'}];
const OWN_TASK: readonly Step[] = [
	{say: 'I follow a script and cannot write this. A real agent would. I note it down, so that you see it merged.'},
	{think: 800},
	NOTED,
	{commit: 'Note a wish down'},
];

/** Tasks of the default plan. Fewer drop tasks from the end, more add small ones. Documentation comes on top. */
export const STORY_TASKS = 7;
export const MOST_TASKS = 64;

/** Tasks where their number is not given: a larger team than the story's has one for every developer besides. */
export const demoTasks = (developers: number): number =>
	developers <= STORY_TASKS ? STORY_TASKS : Math.min(MOST_TASKS, developers + STORY_TASKS);

/**
 * The demo's feature and its agents' scripts: a plan, a permission question (continues without an answer after `waitMs`), a crash,
 * requested changes, a security review, a conflict, tests that fail once, dependencies, and documentation.
 */
export const demoPlan = (
	count: number,
	waitMs: number,
): {readonly tasks: ReadonlyArray<NewTask & {readonly id: string}>; readonly script: Script} => {
	const story = [
		status('readme-status', 'Describe in the README what works', 'Status: slugs and cuts work.', 1200),
		status('readme-install', 'Describe in the README how to install', 'Install: npm install wordsmith', 1400),
		slugify(waitMs),
		truncate,
		capitalize,
		escapeHtml,
		readingTime,
	];
	const more = Array.from({length: Math.max(0, count - STORY_TASKS)}, (_, index) => further(index + 1));
	const chosen = [...story.slice(0, count), ...more];
	const known = new Set(chosen.map(({task}) => task.id));
	const tasks = chosen.map(({task}) => ({...task, ...(task.after ? {after: task.after.filter(id => known.has(id))} : {})}));
	return {
		tasks,
		script: {
			scripts: [
				{when: {stage: 'plan', task: FEATURE.id}, steps: PLAN(tasks)},
				{when: {stage: 'plan'}, steps: OWN_PLAN},
				{when: {stage: 'review'}, steps: REVIEW},
				{when: {stage: 'audit'}, steps: AUDIT},
				{when: {stage: 'resolve'}, steps: RESOLVE},
				{when: {stage: 'document', briefHas: FEATURE.title}, steps: DOCUMENT},
				{when: {stage: 'document'}, steps: OWN_DOCUMENT},
				...chosen.map(({task, steps}) => ({when: {task: task.id}, steps})),
				{steps: OWN_TASK},
			],
		},
	};
};
