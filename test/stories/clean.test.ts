import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';

const CONFIG = `test: "true"
review: off
sandbox: off
attempts: 1
env: [STORY]
harnesses:
  mine: {command: [sh, -c, 'echo "$TMPDIR" >"$STORY/tmp-$AGENT_ROOM_TASK"; echo left >"$TMPDIR/left.so"; echo x >"$AGENT_ROOM_TASK.txt"; [ "$AGENT_ROOM_TASK" = good ]']}
team:
  - {role: developer, harness: mine}
`;

test('what an attempt leaves in TMPDIR goes with it, and clean frees what ended tasks have left, without losing a commit', async () => {
	const story = createStory(CONFIG);
	await story.must('add', 'Good', '--id', 'good');
	await story.must('add', 'Bad', '--id', 'bad');
	expect(await story.run('run', '--until-empty')).toMatchObject({code: 1});
	const temporary = ['good', 'bad'].map(id => readFileSync(story.file(`tmp-${id}`), 'utf8').trim());
	expect(new Set(temporary).size).toBe(2);
	for (const folder of temporary) {
		expect(folder).not.toBe(story.env.TMPDIR);
		expect(existsSync(folder)).toBe(false);
	}

	const states = join(story.folder, 's', 'agent-room');
	const state = join(states, readdirSync(states).find(name => name.startsWith('p-')) ?? '');
	expect(await story.must('clean')).toContain('holds nothing');
	expect(await story.run('clean', '--keep', 'soon')).toMatchObject({code: 2});
	const told = await story.must('clean', '--keep', '0s', '--yes');
	expect(told).toContain(`${join(state, 'worktrees', 'bad-a1')}: task bad is failed`);
	expect(told).toMatch(/good-develop-\d+\.log: task good is merged/);
	expect(told).toMatch(/\nFreed \d+(?:\.\d+)?[KMG]B\.\n$/);
	expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
	expect(readdirSync(join(state, 'logs'))).toEqual([]);
	// The work that failed is still there to be looked at.
	expect(
		execFileSync('git', ['show', 'refs/agent-room/salvage/bad-a1:bad.txt'], {cwd: join(state, 'guardian.git'), encoding: 'utf8'}),
	).toBe('x\n');
	expect(await story.must('clean', '--keep', '0s', '--yes')).toContain('holds nothing');
	expect(await story.must('checkout', 'bad')).toContain('bad');
});
