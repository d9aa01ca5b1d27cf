import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';
import {roomLog} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const AGENT = '#!/bin/sh\necho work > work.txt\ngit add work.txt\ngit commit -qm work\n';

test('a room that runs takes up a changed configuration by a key, exactly as shown, and names what needs a restart', async () => {
	const story = createStory('', {'agent.sh': AGENT});
	Object.assign(story.env, {AGENT_ROOM_TRUST: ''});
	const config = join(story.repository, 'agent-room.yaml');
	rmSync(config);
	const room = story.open();
	await room.waitFor(/^ START │/m, {timeoutMs: 30_000});
	await room.waitFor('no test command: nothing can merge', {timeoutMs: 30_000});
	room.press('enter');
	await room.waitFor('again opens the room without it.');
	room.press('enter');
	await room.waitFor('ROOM │', {timeoutMs: 30_000});
	await story.must('add', 'Work');

	const written = (lease: string, test: string, more = '', members = ''): void =>
		writeFileSync(
			config,
			`test: ${test}\nreview: off\nlease: ${lease}\n${more}keys: {zoom: Z}\nteam: [{role: developer, harness: own}${members}]\nharnesses: {own: {command: [sh, agent.sh]}}\n`,
		);
	written('20s', "'false'");
	await room.waitFor('The configuration has changed');
	room.press(',');
	await room.waitFor('test: false (now: none)');
	// What an agent or a merge writes meanwhile is not what the person saw.
	written('20s', "'true'");
	room.press('T');
	await room.waitFor(/nothing was taken/);
	await room.waitFor('test: true (now: none)');
	room.press('T');
	await room.waitFor(/in effect now: test, review, team, harnesses; .*attach from now on: keys; after a restart of the room: lease/);
	room.press('esc');
	await until(async () => (await story.status()).tasks[0]?.state === 'merged', {timeoutMs: 60_000, what: 't-1 to merge'});

	// By a command, and not while it cannot be read.
	written('15s', "'true'");
	expect(await story.must('config', 'trust')).toMatch(/The running room: nothing changes\./);
	// A budget of the configuration gives way to one by hand, until it is taken up again.
	const budget = async (): Promise<unknown> => JSON.parse(await story.must('status', '--json')).control.budget;
	const takes = (more: string, members = '') => {
		written('15s', "'true'", more, members);
		return story.must('config', 'trust');
	};
	await takes('budget: {usd: 50}\n');
	await until(async () => (await budget()) === 50_000_000, {what: 'the configured budget'});
	expect(await story.must('budget', '80')).toMatch(/\$80\.00; .* It stays until `budget` changes in the configuration/);
	await takes('');
	await until(async () => (await budget()) === 80_000_000, {what: 'the budget by hand'});
	await takes('budget: {usd: 50}\n');
	await until(async () => (await budget()) === 50_000_000, {what: 'the configured budget again'});
	// Test runners are as many as it says, however often it is taken up.
	const runners = async (): Promise<number> => {
		const {agents} = JSON.parse(await story.must('status', '--json')) as {agents: readonly {id: string; status: string}[]};
		return agents.filter(({id, status}) => id.startsWith('agent:test:') && status !== 'stopped').length;
	};
	const two = ', {role: test-orchestrator, count: 2}';
	await takes('budget: {usd: 50}\n', two);
	await until(async () => (await runners()) === 2, {what: 'two test runners'});
	await takes('budget: {usd: 60}\n', two);
	await until(async () => (await budget()) === 60_000_000, {what: 'another budget'});
	expect(await runners()).toBe(2);
	// Who is no more in it leaves; of the room's own programs one stays.
	await takes('budget: {usd: 50}\n');
	await until(async () => (await runners()) === 1, {what: 'one test runner'});
	writeFileSync(config, 'team: [');
	await room.waitFor('The configuration has changed and cannot be used');
	written('15s', "'true'");

	// The rules file is the person's own: it is in effect as soon as it can be read.
	const rules = join(story.folder, 'rules.yaml');
	writeFileSync(rules, 'dated: 2026-12-02\nclis: {claude: {screen: [{shows: "Waiting for the cloud", state: rate-limited}]}}\n');
	const path = /In effect as (.*), in running rooms too/.exec(await story.must('rules', 'update', rules))?.[1] ?? '';
	await until(() => roomLog(story).includes('the rules file of 2026-12-02 was taken'), {what: () => roomLog(story)});
	writeFileSync(path, 'dated: [');
	await room.waitFor('The rules file has changed and cannot be used');
	await story.must('rules', 'update', rules);
	await until(() => !room.text().includes('The rules file has changed'), {what: () => room.text()});
});
