import {appendFileSync, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {startTestRedis} from '../helpers/redis.ts';
import {createStory} from '../helpers/room.ts';
import {smallDisk} from '../helpers/small-disk.ts';
import {until} from '../helpers/wait.ts';

const CONFIG = `test: "true"
review: off
sandbox: off
env: [STORY]
harnesses:
  mine: {command: [sh, -c, 'echo x >>"$STORY/starts"; echo work >work.txt; while [ ! -e "$STORY/goes-on" ]; do sleep 0.05; done']}
team:
  - {role: developer, harness: mine}
`;

/** Writes until nothing more is taken. */
const fill = (file: string): void => {
	try {
		for (;;) appendFileSync(file, Buffer.alloc(64 * 1024));
	} catch {
		// Full.
	}
};

test('a disk that is full when an agent has finished holds its work until there is space: no attempt is counted, and it is started once', async () => {
	const story = createStory(CONFIG);
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const states = join(story.folder, 's');
	// Only root may mount one. For anybody else nothing fills up, and the work is merged all the same.
	const isRoot = process.getuid?.() === 0;
	if (isRoot) smallDisk(states, 120_000_000);
	const server = ['--redis', redis.socketPath];
	await story.must('add', 'Work', '--id', 'work', ...server);
	const running = story.start('run', '--until-empty', '--json', ...server);
	await until(() => existsSync(story.file('starts')), {timeoutMs: 40_000, what: () => running.output()});
	const ballast = join(states, 'ballast');
	if (isRoot) fill(ballast);
	writeFileSync(story.file('goes-on'), '');
	const banners = async (): Promise<string> =>
		JSON.stringify(JSON.parse((await story.run('status', '--json', ...server)).stdout).banners ?? []);
	const isHeld = async (): Promise<boolean> => !isRoot || (await banners()).includes('waits to be saved');
	await until(isHeld, {everyMs: 500, what: () => running.output()});
	rmSync(ballast, {force: true});
	const ended = await running.ended;
	expect(ended, ended.stdout + ended.stderr).toMatchObject({code: 0});
	expect(ended.stdout).not.toContain('attempt_failed');
	expect(readFileSync(story.file('starts'), 'utf8')).toBe('x\n');
	expect(story.git('show', 'main:work.txt')).toBe('work');
});
