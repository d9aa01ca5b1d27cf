import {cpSync, existsSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {node, root, startProgram} from '../helpers/program.ts';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const CONFIG = `test: "true"
env: [STORY]
harnesses:
  mine: {command: [./agent.sh]}
team:
  - {role: developer, harness: mine}
  - {role: code-sentinel, harness: mine}
`;
const AGENT = `#!/bin/sh
if [ "$AGENT_ROOM_STAGE" = review ]; then exec agent-room report done --verdict approve; fi
touch "$STORY/at-work"
while [ ! -e "$STORY/goes-on" ]; do sleep 0.05; done
echo done >done.txt
`;

test('a package that is replaced beneath a room changes nothing for it: reports, reviews, tests and merges run what it started with', async () => {
	const story = createStory(CONFIG);
	writeFileSync(join(story.repository, 'agent.sh'), AGENT, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'An agent');
	const installed = join(story.folder, 'package');
	for (const part of ['bin', 'dist', 'lua', 'package.json', join('source', 'guide')])
		cpSync(join(root, part), join(installed, part), {recursive: true});
	symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
	await story.must('add', 'Work', '--id', 'work');
	const running = startProgram([node, join(installed, 'bin', 'agent-room.js'), 'run', '--until-empty'], {
		cwd: story.repository,
		env: story.env,
	});
	await until(() => existsSync(story.file('at-work')), {timeoutMs: 40_000, what: () => running.output()});
	rmSync(join(installed, 'dist'), {recursive: true});
	rmSync(join(installed, 'bin'), {recursive: true});
	writeFileSync(story.file('goes-on'), '');
	const ended = await running.ended;
	expect(ended, ended.stdout + ended.stderr).toMatchObject({code: 0});
	expect(JSON.parse(await story.must('task', 'work', '--json'))).toMatchObject({state: 'merged', failures: 0, removals: 0});
});
