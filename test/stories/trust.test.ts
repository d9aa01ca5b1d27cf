import {existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {root} from '../helpers/program.ts';
import {agentRoom, createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const agent = join(root, 'test', 'fixtures', 'agent.sh');
const untrusted = (story: Story): Story['env'] => Object.assign(story.env, {AGENT_ROOM_TRUST: ''});

test('an agent-room.yaml that is a link runs nothing, whatever it leads to: each command refuses it by name', async () => {
	const story = createStory("test: 'true'\n");
	const canary = join(story.folder, 'canary');
	const outside = join(story.folder, 'outside.yaml');
	writeFileSync(
		outside,
		`test: touch ${canary}\nsetup: touch ${canary}\nteam: [{role: developer, harness: x}]\nharnesses: {x: {command: [touch, ${canary}]}}\n`,
	);
	rmSync(join(story.repository, 'agent-room.yaml'));
	symlinkSync(outside, join(story.repository, 'agent-room.yaml'));
	for (const args of [['run', '--until-empty'], ['add', 'Work'], ['config', 'trust'], ['status']])
		expect(await agentRoom(args, {cwd: story.repository, env: story.env})).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('agent-room.yaml` is a link to'),
		});
	expect(existsSync(canary)).toBe(false);
});

test('a file without one command that would switch reviews and checks off changes nothing before a person trusts it', async () => {
	const story = createStory(
		`review: off\nrequireApproval: []\nprotectedPaths: []\nbudget: {usd: 999}\nroles: {developer: {prompt: "Do {title}.\\nThen more."}}\n`,
	);
	untrusted(story);
	mkdirSync(join(story.folder, 'c', 'agent-room'), {recursive: true});
	writeFileSync(
		join(story.folder, 'c', 'agent-room', 'config.yaml'),
		`test: 'true'\nbudget: {usd: 5}\nenv: [STORY]\nwritable: [${join(story.folder, 'f')}]\nteam: [{role: developer, harness: story}]\nharnesses: {story: {command: [${agent}]}}\n`,
	);
	const room = story.open({columns: 120, rows: 40});
	await room.waitFor('It weakens a protection:');
	for (const told of ['review: off (now: required)', 'requireApproval: none (now: secrets', 'budget: $999 (now: $5)'])
		await room.waitFor(told);
	// A long text is there whole before anybody answers.
	await room.waitFor('[y/N, or v to view long texts]');
	room.type('v\r');
	await room.waitFor('| Then more.');
	room.type('\r');
	await room.waitFor('ROOM │');
	await room.waitFor('You have not trusted agent-room.yaml');
	await story.must('add', 'Work');
	await until(async () => (await story.status()).tasks[0]?.stage === 'review', {
		what: 'the work to wait for its review',
	});
	expect(JSON.parse(await story.must('status', '--json'))).toMatchObject({isTrusted: false, control: {budget: 5_000_000}});
});
