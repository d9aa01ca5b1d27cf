import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {DemoFacts} from '../../source/programs/demo/facts.ts';
import {createStory} from '../helpers/room.ts';

describe('the demo', () => {
	test('headless ends under a minute with everything merged, and shows all that it promises', async () => {
		const story = createStory('');
		const startedAt = performance.now();
		const ended = await story.start('demo', '--headless', '--json').ended;
		expect(ended.code, ended.stderr + ended.stdout.slice(-3000)).toBe(0);
		expect(performance.now() - startedAt).toBeLessThan(60_000);
		const facts = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as DemoFacts & {folder: string};
		expect(facts).toMatchObject({
			tasks: 6,
			merged: 6,
			dead: 0,
			questions: 1,
			crashes: ['truncate'],
			changes: ['capitalize'],
			isRunning: false,
		});
		expect(facts.conflicts).toHaveLength(1);
		expect(facts.sideBySide).toBeGreaterThanOrEqual(2);
		const log = execFileSync('git', ['log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly)', 'main'], {
			cwd: join(facts.folder, 'wordsmith'),
			encoding: 'utf8',
		});
		expect(log.split('\n').filter(Boolean).toSorted()).toEqual(
			['capitalize', 'readme-install', 'readme-status', 'reading-time', 'slugify', 'truncate'].toSorted(),
		);
		execFileSync('sh', ['check.sh'], {cwd: join(facts.folder, 'wordsmith')});
	});
});
