import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {DemoFacts} from '../../source/programs/demo/facts.ts';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createStory} from '../helpers/room.ts';
import {slackMs} from '../helpers/wait.ts';

describe('the demo', () => {
	test('headless ends under a minute with everything merged, and shows all that it promises', async () => {
		const story = createStory('');
		const startedAt = performance.now();
		const ended = await story.start('demo', '--headless', '--json').ended;
		expect(ended.code, ended.stderr + ended.stdout.slice(-3000)).toBe(0);
		expect(performance.now() - startedAt).toBeLessThan(60_000 + 10 * slackMs());
		const facts = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as DemoFacts & {folder: string};
		expect(facts).toMatchObject({
			tasks: 8,
			planned: ['wordsmith'],
			merged: 8,
			failed: 0,
			questions: 1,
			crashes: ['truncate'],
			changes: ['capitalize'],
			audited: ['escape-html'],
			removed: ['reading-time'],
			documented: ['wordsmith-docs'],
			isRunning: false,
		});
		expect(facts.conflicts).toHaveLength(1);
		expect(facts.resolved).toEqual(facts.conflicts);
		expect(facts.sideBySide).toBeGreaterThanOrEqual(2);
		const repository = join(facts.folder, 'wordsmith');
		const tasks = ['capitalize', 'escape-html', 'readme-install', 'readme-status', 'reading-time', 'slugify', 'truncate', 'wordsmith-docs'];
		expect(expectGreenBase(repository, 'sh check.sh', tasks).at(-1)).toBe('wordsmith-docs');
		const readme = readFileSync(join(repository, 'README.md'), 'utf8');
		for (const line of ['Install: npm install wordsmith', 'Status: slugs and cuts work.']) expect(readme).toContain(line);
		execFileSync('sh', ['check.sh'], {cwd: repository});
	});
});
