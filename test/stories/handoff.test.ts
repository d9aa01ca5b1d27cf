import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';
import {kill, openFromShell, roomsOf, stateFolder} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const AGENT = `#!/bin/sh
set -eu
if [ "$AGENT_ROOM_STAGE" = review ]; then
	exec agent-room report done --verdict approve
fi
if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then
	echo half >half.txt
	agent-room report progress "the first half is written"
	echo "now for the second half"
	touch "$STORY/at-work"
	exec sleep 60
fi
mv half.txt whole.txt
`;

test('after kill -9 of the room the next agent is told what the log and the record still say', async () => {
	const story = createStory(
		`test: "true"
env: [STORY]
harnesses:
  mine: {command: [./agent.sh]}
team:
  - {role: developer, harness: mine}
  - {role: code-sentinel, harness: mine}
`,
	);
	writeFileSync(join(story.repository, 'agent.sh'), AGENT, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'An agent');
	const first = openFromShell(story);
	await first.waitFor('dev-1');
	await story.must('add', 'Write it', '--id', 'one');
	await until(() => existsSync(story.file('at-work')), {what: 'the first attempt'});
	const logs = join(stateFolder(story), 'logs');
	const log = (): string =>
		readdirSync(logs)
			.map(name => readFileSync(join(logs, name), 'utf8'))
			.join('\n');
	await until(() => log().includes('second half'), {what: 'its log'});
	await kill(...roomsOf(story));

	const second = openFromShell(story);
	await second.waitFor('dev-1');
	await until(async () => (await story.status()).tasks.some(({state}) => state === 'merged'), {timeoutMs: 40_000, what: 'the merge'});
	const briefs = join(stateFolder(story), 'briefs');
	const description = readdirSync(briefs)
		.filter(name => name.startsWith('one-develop-') && name.endsWith('.md'))
		.map(name => readFileSync(join(briefs, name), 'utf8'))
		.find(text => text.includes('Handoff notes'));
	for (const part of [
		'dev-1 owned it (develop, attempt 1).',
		'It ended: the room ended during the attempt.',
		'- the first half is written',
		'Save what agent:dev:001 left on one',
		'Last output:\nnow for the second half\n',
	])
		expect(description).toContain(part);
	expect(story.git('show', 'main:whole.txt')).toBe('half');
	await story.must('stop');
});
