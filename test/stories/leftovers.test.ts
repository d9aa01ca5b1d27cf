import {existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const CONFIG = `test: "true"
review: off
env: [STORY]
harnesses:
  mine: {command: [sh, -c, 'touch "$STORY/at-$AGENT_ROOM_TASK"; while [ ! -e "$STORY/go-$AGENT_ROOM_TASK" ]; do sleep 0.05; done; echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"']}
team:
  - {role: developer, harness: mine}
`;

test('what killed processes left is named by doctor and mended, a start needs no help, and a git store that is removed at work is made again', async () => {
	const story = createStory(CONFIG);
	await story.must('add', 'The first', '--id', 'one');
	const states = join(story.folder, 's', 'agent-room');
	const state = join(states, readdirSync(states).find(name => name.startsWith('p-')) ?? '');
	writeFileSync(story.file('go-one'), '');
	expect(await story.run('run', '--until-empty')).toMatchObject({code: 0});

	const long = new Date(Date.now() - 60_000);
	const leave = (name: string, content = ''): string => {
		const file = join(state, name);
		writeFileSync(file, content);
		utimesSync(file, long, long);
		return file;
	};
	const half = join(state, 'guardian.git', 'test-trees', '0123456789abcdef');
	mkdirSync(half);
	const left = [
		leave('redis/redis.starting'),
		leave('start.lock', 'torn'),
		leave('guardian.git/packed-refs.lock'),
		leave('trees.git/packed-refs.lock'),
		half,
	];
	const told = (await story.run('doctor', '--quick')).stdout;
	for (const path of left) expect(told).toContain(path);
	expect(told).toContain('agent-room doctor --repair');
	const repaired = (await story.run('doctor', '--quick', '--repair')).stdout;
	for (const path of left) {
		expect(repaired).toContain(`: ${path}`);
		expect(existsSync(path)).toBe(false);
	}
	expect((await story.run('doctor', '--quick', '--repair')).stdout).toContain('nothing to repair');

	// The same without a doctor, and a store that is gone while an agent works.
	leave('redis/redis.starting');
	leave('start.lock', 'torn');
	await story.must('add', 'The second', '--id', 'two');
	const running = story.start('run', '--until-empty');
	await until(() => existsSync(story.file('at-two')), {timeoutMs: 40_000, what: () => running.output()});
	rmSync(join(state, 'guardian.git'), {recursive: true});
	writeFileSync(story.file('go-two'), '');
	const ended = await running.ended;
	expect(ended, ended.stdout + ended.stderr).toMatchObject({code: 0});
	expect(JSON.parse(await story.must('task', 'two', '--json'))).toMatchObject({state: 'merged', failures: 0});
	expect(story.git('show', 'main:two.txt')).toBe('two');
});
