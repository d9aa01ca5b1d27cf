import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** One that asks, one that writes what looks like a secret and one that just works. */
const AGENT = `#!/bin/sh
case "$AGENT_ROOM_TASK" in
asks) agent-room report ask "Which table?" --choice users --choice accounts; sleep 60 ;;
secret) printf 'key = "%s%s"\\n' ghp_ 16C7e42F292c6912E7710c838347Ae178B4a >token.txt ;;
*) echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt" ;;
esac
`;
const CONFIG = `test: "true"
review: off
env: [STORY]
unattended: 2s
harnesses:
  mine: {command: [./agent.sh]}
team:
  - {role: developer, harness: mine, count: 3}
`;

test('a run whose questions nobody answers ends: each is refused once its time is up, and named; time with a terminal attached does not count', async () => {
	const story = createStory(CONFIG);
	writeFileSync(join(story.repository, 'agent.sh'), AGENT, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'An agent');
	for (const id of ['asks', 'secret', 'other']) await story.must('add', `Work on ${id}`, '--id', id);

	const running = story.start('run', '--until-empty');
	await until(() => running.output().includes('started asks'), {timeoutMs: 40_000, what: () => running.output()});
	const terminal = story.open();
	await terminal.waitFor('Which table?');
	const isIn = async (id: string, state: string): Promise<boolean> =>
		(await story.status()).tasks.some(task => task.id === id && task.state === state);
	await until(() => isIn('other', 'merged'), {timeoutMs: 40_000, what: () => `the merge\n${running.output()}`});
	await until(() => isIn('secret', 'blocked'), {timeoutMs: 40_000, what: () => `the held merge\n${running.output()}`});
	// Longer than the time of a question: somebody could answer.
	const shown = Date.now();
	await until(async () => Date.now() - shown > 3000 && (await story.status()).tasks.length > 0, {timeoutMs: 10_000, what: 'time'});
	expect(await isIn('asks', 'leased')).toBe(true);
	terminal.press('q');
	await terminal.waitFor('detach', {timeoutMs: 10_000});
	terminal.press('d');

	const ended = await running.ended;
	expect(ended.code).toBe(1);
	const last = ended.stdout.trim().split('\n').slice(-3);
	expect(last.slice(0, 2).toSorted()).toEqual([
		expect.stringMatching(/^Not answered: asks, dev-\d: Which table\?$/),
		expect.stringMatching(/^Not answered: secret: .*secret in token\.txt/),
	]);
	expect(last[2]).toBe('1 merged, 2 failed, 0 open.');
	const detail = await story.must('task', 'asks');
	expect(detail).toContain('no one answered for 2s: Which table?');

	// The merge can still be approved, and no agent has to make it again.
	const room = story.open();
	await room.waitFor('dev-1');
	await story.must('approve', 'secret');
	await until(() => isIn('secret', 'merged'), {timeoutMs: 40_000, what: () => room.text()});
	expect((await story.status()).tasks.find(({id}) => id === 'secret')).toMatchObject({attempt: 1});
	room.press('q');
	await story.must('stop');
});
