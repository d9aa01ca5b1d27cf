import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type * as z from 'zod';
import {errorSchema, eventSchema, replayedStatusSchema, replaySchema} from '../../../source/core/protocol/output-schema.ts';
import {root} from '../../helpers/program.ts';
import {createStory, type Story} from '../../helpers/room.ts';
import {until} from '../../helpers/wait.ts';

const TEAM = `base: main
test: 'true'
review: off
env: [STORY]
harnesses: {mine: {command: [${JSON.stringify(join(root, 'test', 'fixtures', 'agent.sh'))}], finish: exit}}
team: [{role: developer, harness: mine}]
`;

const eventsOf = async (story: Story): Promise<z.infer<typeof eventSchema>[]> =>
	(await story.must('events', '--json'))
		.trim()
		.split('\n')
		.map(line => eventSchema.parse(JSON.parse(line)));
const then = async (story: Story, at: string) => replayedStatusSchema.parse(JSON.parse(await story.must('replay', '--at', at, '--json')));
const standing = ({tasks}: z.infer<typeof replayedStatusSchema>) => Object.fromEntries(tasks.map(task => [task.id, task.state]));

describe('replay', () => {
	test('without a room shows every moment of what Redis kept, and refuses what it cannot', {timeout: 120_000}, async () => {
		const story = createStory(TEAM);
		expect(await story.must('replay')).toBe('Nothing has been recorded yet.\n');
		expect(await story.run('replay', '--at', '-1s')).toMatchObject({code: 1, stderr: expect.stringContaining('Nothing has been recorded')});
		await story.must('add', 'The first', '--id', 'one');
		await story.must('add', 'The second', '--id', 'two', '--after', 'one');
		const [first, second] = await eventsOf(story);
		expect(standing(await then(story, first?.id ?? ''))).toEqual({one: 'ready'});
		const both = await then(story, second?.id ?? '');
		expect([standing(both), both.room, both.moment.id, both.before.map(({task}) => task)]).toEqual([
			{one: 'ready', two: 'blocked'},
			null,
			second?.id,
			['one', 'two'],
		]);
		expect(await story.run('replay', '--at', 'noon', '--json')).toMatchObject({code: 2});
		const early = await story.run('replay', '--at', '-30d', '--json');
		expect(early.code).toBe(1);
		expect(errorSchema.parse(JSON.parse(early.stderr)).error).toMatchObject({
			code: 'too-old',
			hint: expect.stringContaining(first?.id ?? '?'),
		});
		expect(await story.run('replay', '--at', '-1s', '--from', '-2s')).toMatchObject({code: 2});
	});

	test('of a running room and of one that has ended shows who held what, and what happened just before', {timeout: 120_000}, async () => {
		const story = createStory(TEAM);
		story.waitReason('one');
		await story.must('add', 'The first', '--id', 'one');
		const running = story.start('run', '--until-empty');
		await until(() => existsSync(story.file('working-one-1')), {timeoutMs: 30_000, what: () => `the start of one\n${running.output()}`});
		await story.must('freeze');
		const claimed = (await eventsOf(story)).find(({type}) => type === 'task_claimed');

		// The room is frozen now; it was not when the task was claimed.
		const whileItRuns = await then(story, claimed?.id ?? '');
		expect(whileItRuns.control.frozen).toBe(false);
		expect((await then(story, '-0s')).control.frozen).toBe(true);
		expect(whileItRuns.tasks).toMatchObject([{id: 'one', state: 'leased', owner: 'agent:dev:001', title: 'The first'}]);
		expect(whileItRuns.agents.find(({id}) => id === 'agent:dev:001')).toMatchObject({status: 'working', task: 'one'});
		expect(whileItRuns.before.at(-1)).toMatchObject({id: claimed?.id, type: 'task_claimed'});
		expect(JSON.stringify(whileItRuns)).not.toContain('"token"');

		await story.must('freeze', '--off');
		story.letGo('one');
		expect((await running.ended).code).toBe(0);
		// What another process tells later, from the record alone, is the same.
		const afterwards = await then(story, claimed?.id ?? '');
		expect({...afterwards, redis: '', moment: ''}).toEqual({...whileItRuns, redis: '', moment: ''});

		const text = await story.must('replay', '--at', claimed?.id ?? '');
		expect(text).toMatch(/^p@main {2}as it was at [\d: -]+, \d+[smh] ago\nafter event \d+-\d+\n/);
		expect(text).toMatch(/^TASKS {2}1 leased$/m);
		expect(text).toMatch(/^ {2}one +P2 +develop +dev-1 /m);
		expect(text).toMatch(/^BEFORE\n(.*\n)* {2}[\d:]{8} {2}dev-1 started one \(develop\)\n$/m);
		expect(await story.must('replay', '--at', '-0s')).toMatch(/^TASKS {2}1 merged$/m);

		const whole = replaySchema.parse(JSON.parse(await story.must('replay', '--json')));
		expect(whole.happened).toEqual({merged: 1, failed: 0, retried: 0, unreachable: 0, questions: 0, orders: 2});
		expect(whole.landmarks.map(({type}) => type)).toEqual(['control_changed', 'control_changed', 'task_merged']);
		const frozenAt = whole.landmarks[0]?.id ?? '';
		const early = replaySchema.parse(JSON.parse(await story.must('replay', '--to', frozenAt, '--from', '-30d', '--json')));
		expect(early.happened).toMatchObject({merged: 0, orders: 1});
		const printed = await story.must('replay');
		expect(printed).toMatch(/^Any moment from [\d: -]+ \(\d+-\d+\) to [\d: -]+ \(\d+-\d+\) can be shown\.$/m);
		expect(printed).toMatch(/^\d+ events, 0 checkpoints: 1 merged, 0 failed, 0 retried, 0 unreachable, 0 questions, 2 orders$/m);
		expect(printed).toMatch(/^\d+-\d+ {2}[\d:]{8} {2}one merged$/m);
	});
});
