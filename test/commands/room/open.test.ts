import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {node, root} from '../../helpers/program.ts';
import {agentRoom, binFile, createStory} from '../../helpers/room.ts';
import {openTerminal} from '../../helpers/screen.ts';

const TEAM = `test: 'true'
review: off
team: [{role: developer, harness: story}]
harnesses: {story: {command: [${join(root, 'test', 'fixtures', 'agent.sh')}]}}
`;

describe('a repository whose configuration nobody trusted', () => {
	test.each([
		['y', true],
		['', false],
		['nonsense', false],
	])('shows them and asks; after `%s` trusted is %s, and asked again only where it is not', async (answer, isTrusted) => {
		const story = createStory(TEAM);
		const env = {...story.env, AGENT_ROOM_TRUST: ''};
		const open = () => openTerminal({command: [node, binFile], columns: 100, rows: 30, cwd: story.repository, env});
		const room = open();
		await room.waitFor('Trust this version? [y/N]');
		await room.waitFor('test: true (now: none)');
		await room.waitFor('review: off (now: required)');
		await room.waitFor(/harnesses\.story: .*agent\.sh/);
		room.type(`${answer}\r`);
		await room.waitFor('ROOM │');
		const status = JSON.parse((await agentRoom(['status', '--json'], {cwd: story.repository, env})).stdout);
		expect(status).toMatchObject({isTrusted, hasTestCommand: isTrusted});
		expect(status.agents.filter((agent: {role: string}) => agent.role === 'developer')).toHaveLength(isTrusted ? 1 : 0);
		await agentRoom(['stop'], {cwd: story.repository, env});
		await room.exit;

		const again = open();
		await again.waitFor(isTrusted ? 'ROOM │' : 'Trust this');
	});
});

test('a room that cannot start says why, in the shell, with exit 3', async () => {
	const story = createStory(TEAM.replace('agent.sh', 'nowhere.sh'));
	// Wide enough for the sentence on one line, wherever the checkout lies.
	const room = story.open({columns: 300, rows: 30});
	await room.waitFor('nowhere.sh` of harness `story` was not found');
	expect(await room.exit).toMatchObject({exitCode: 3});
	expect(room.isAlternate()).toBe(false);
});

test('what is wrong with the repository is told before what is wrong with its configuration', async () => {
	const story = createStory('team: [{role: nobody');
	rmSync(join(story.repository, '.git', 'refs', 'heads', 'main'));
	const room = openTerminal({
		command: [node, binFile, '--config', 'agent-room.yaml'],
		cwd: story.repository,
		env: story.env,
		columns: 300,
	});
	await room.waitFor('has no commits yet');
	expect(await room.exit).toMatchObject({exitCode: 3});
	expect(room.text()).not.toContain('agent-room.yaml:');
});

test('the pane of an agent opens no room', async () => {
	const story = createStory(TEAM);
	const inner = openTerminal({command: [node, binFile], cwd: story.repository, env: {...story.env, AGENT_ROOM_AGENT: 'agent:dev:001'}});
	await inner.waitFor('`agent-room` is for humans only; dev-1 is an agent.');
	expect(await inner.exit).toMatchObject({exitCode: 1});
});

test.each([
	['CI is set', ['CI=true', node, binFile]],
	['the terminal can place nothing', ['TERM=dumb', node, binFile]],
	['JSON is asked for', [node, binFile, '--json']],
])('where %s the status is printed and no screen drawn', async (_what, words) => {
	const story = createStory(TEAM);
	const terminal = openTerminal({
		command: ['env', ...words],
		columns: 300,
		rows: 30,
		cwd: story.repository,
		env: story.env,
	});
	expect(await terminal.exit).toMatchObject({exitCode: 0});
	expect(terminal.text()).toMatch(/no room is running|"room":null/);
});

test('a theme that there is not is refused with the nearest one', async () => {
	const story = createStory(TEAM);
	const {code, stderr} = await agentRoom(['--theme', 'lihgt'], {cwd: story.repository, env: story.env});
	expect(code).toBe(2);
	expect(stderr).toContain('Unknown theme `lihgt`.\nDid you mean `light`?');
});

test('for a screen reader there are lines below what stands on the terminal, and the tty comes back as it was', async () => {
	const story = createStory(TEAM);
	const script = 'before=$(stty -g); "$@"; echo "exit $?"; [ "$before" = "$(stty -g)" ] && echo "tty as before"; read -r _';
	const room = openTerminal({
		command: ['sh', '-c', script, 'sh', node, binFile, '--screen-reader'],
		columns: 120,
		rows: 40,
		cwd: story.repository,
		env: story.env,
	});
	await room.waitFor('agent-room in screen reader mode');
	expect(room.isAlternate()).toBe(false);
	room.type('4\rFix the login\r');
	await room.waitFor(/needs you: |task_claimed|takes t-1|t-1 queued/);
	room.type('9\r2\r');
	await room.waitFor('tty as before');
	expect(room.text()).toMatch(/agent-room in screen reader mode[\s\S]*The room ended/);
	room.press('enter');
	await room.exit;
});
