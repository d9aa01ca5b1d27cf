import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {everOnBase, expectGreenBase} from '../helpers/base-history.ts';
import {root} from '../helpers/program.ts';
import {createStory, type Story, type StoryStatus} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const agent = JSON.stringify([join(root, 'test', 'fixtures', 'mending-agent.sh')]);
const config = `base: main
test: sh check.sh
review: off
backoff: 100ms
env: [STORY]
harnesses:
  mine: {command: ${agent}, finish: exit}
team:
  - {role: developer, harness: mine, count: 3}
  - {role: test-orchestrator, count: 3}
`;
/** Every run waits until the story lets the tests go. */
const CHECK = 'while [ ! -e "$STORY/run" ]; do sleep 0.05; done\n! grep -l "^bad" ./*.txt 2>/dev/null\n';
const SIX = ['one', 'two', 'bad-three', 'four', 'five', 'six'];

type TaskOfStory = StoryStatus['tasks'][number];
/** Asked at its socket, many times: a start of the program for each look took most of the story's processor time. */
const tasksOf = async (story: Story): Promise<readonly TaskOfStory[]> => (await story.status()).tasks;
const tested = (tasks: readonly TaskOfStory[]): readonly TaskOfStory[] =>
	tasks.filter(({stage, state, candidate}) => stage === 'test' && state === 'leased' && candidate !== '');

/** The room on a terminal with six tasks, three of them in the train, whose tests wait. */
const openMerges = async (): Promise<{readonly story: Story; readonly entries: readonly TaskOfStory[]}> => {
	const story = createStory(config, {'check.sh': CHECK});
	const terminal = story.open();
	await terminal.waitFor('dev-1', {timeoutMs: 30_000});
	for (const [at, id] of SIX.entries()) await story.must('add', `The task ${id}`, '--id', id, '--priority', String(90 - at));
	let entries: readonly TaskOfStory[] = [];
	await until(
		async () => {
			entries = tested(await tasksOf(story));
			return entries.length === 3;
		},
		{what: 'three cars in the train', timeoutMs: 60_000},
	);
	return {story, entries};
};
const isOver = async (story: Story): Promise<boolean> => {
	const tasks = await tasksOf(story);
	return SIX.every(id => tasks.find(task => task.id === id)?.state === 'merged');
};

test('a train of six with one bad in the middle: five land, the bad one is sent back with its output and follows, and the base was always green', async () => {
	const {story} = await openMerges();
	writeFileSync(story.file('run'), '');
	await until(() => isOver(story), {what: 'the six merges', timeoutMs: 120_000});
	const mergedCommit = expectGreenBase(story.repository, 'sh check.sh', SIX, {env: {STORY: story.file('')}});
	expect(mergedCommit.indexOf('bad-three')).toBeGreaterThan(0);
	const tasks = await tasksOf(story);
	for (const {id, failures, removals} of tasks) {
		const times = id === 'bad-three' ? 1 : 0;
		expect({id, failures, removals}).toEqual({id, failures: times, removals: times});
	}
	expect(await story.must('events', '--type', 'entry_removed')).toMatch(/bad-three removed from the merge queue: .* passes/);
	expect(story.git('show', 'main:bad-three.txt')).toMatch(/^good/);
});

test('a base that is moved by hand during a train: all of it is built again on the person’s commit, and nobody loses an attempt', async () => {
	const {story, entries} = await openMerges();
	writeFileSync(join(story.repository, 'by-hand.txt'), 'a person was here\n');
	story.git('add', 'by-hand.txt');
	story.git('commit', '--quiet', '-m', 'By hand');
	const person = story.git('rev-parse', 'main');
	await until(async () => tested(await tasksOf(story)).some(({candidateBase}) => candidateBase === person), {
		what: 'a candidate on the person’s commit',
		timeoutMs: 60_000,
	});
	writeFileSync(story.file('run'), '');
	await until(() => isOver(story), {what: 'the six merges', timeoutMs: 120_000});
	expectGreenBase(story.repository, 'sh check.sh', SIX, {env: {STORY: story.file('')}});
	const ever = everOnBase(story.repository);
	for (const {candidate} of entries) expect(ever).not.toContain(candidate);
	expect(ever[1]).toBe(person);
	for (const {id, failures} of await tasksOf(story)) expect({id, failures}).toEqual({id, failures: id === 'bad-three' ? 1 : 0});
	expect(await story.must('events', '--type', 'base_moved')).toContain('main moved by hand');
});
