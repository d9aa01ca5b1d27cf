import {existsSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {eventsOf} from '../../source/redis/scripts/replies.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {coordinationOn, submission} from '../helpers/coordination.ts';
import {openTeamApart} from '../helpers/hosts-apart.ts';
import {HOST_NAME, whyNoNamespaces} from '../helpers/namespaces.ts';
import {root} from '../helpers/program.ts';
import {until} from '../helpers/wait.ts';

const agent = JSON.stringify([join(root, 'test', 'fixtures', 'agent.sh')]);
const config = `base: main
merge: push
test: 'true'
lease: 3s
backoff: 100ms
review: off
sandbox: off
env: [STORY]
harnesses:
  mine: {command: ${agent}, finish: exit}
team:
  - {role: developer, harness: mine, count: 1}
`;

/** The first push of the base waits at the remote: it is taken once the test says so, whoever is still there to hear it. */
const HOLDS = (files: string): string => `#!/bin/sh
grep -q refs/heads/main || exit 0
mkdir '${files}/arrived' 2>/dev/null || exit 0
while [ ! -e '${files}/go' ]; do sleep 0.05; done
`;

const IDS = Array.from({length: 12}, (_, index) => `t${index + 1}`);
/** One for each host: they are at work until the test lets them go. */
const HELD = IDS.slice(0, 3);

const why = whyNoNamespaces();
const kind = why === '' ? 'three hosts of one path and name' : `three hosts as folders on loopback (${why})`;

test(`${kind}: the leader is cut off in mid-landing, another killed at work; each task is merged once, and clones are equal`, async () => {
	const team = await openTeamApart(temporaryFolder('h'), {hosts: 3, files: {'agent-room.yaml': config}});
	onTestFinished(() => team.close());
	const {hosts, remote} = team;
	const connection = await team.connect();
	onTestFinished(() => connection.close());
	const coordination = coordinationOn(connection);
	const account = (): string => hosts.map(host => `host ${host.number}:\n${host.log().slice(-3000)}`).join('\n');
	const waits = (condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000) =>
		until(condition, {timeoutMs, everyMs: 50, what: () => `${what}\n${account()}`});
	const leader = async () => {
		const {leader: life} = await coordination.rooms();
		return hosts.find(host => host.room() !== '' && life.startsWith(`${host.room()}:`));
	};
	const hook = join(remote, 'hooks', 'pre-receive');
	writeFileSync(hook, HOLDS(team.files), {mode: 0o755});
	for (const id of HELD) writeFileSync(join(team.files, `wait-${id}`), '');

	for (const host of hosts) host.start('worker', '--json');
	await waits(async () => (await coordination.rooms()).rooms.length === 3, 'three rooms');
	for (const id of IDS) await coordination.submit(submission({id, title: `Do ${id}`}));
	const taskAt = (host: (typeof hosts)[number]) => HELD.find(id => existsSync(join(host.state(), 'worktrees', `${id}-a1`)));
	await waits(() => hosts.every(host => taskAt(host) && existsSync(join(team.files, `working-${taskAt(host)}-1`))), 'a task at each host');
	const first = await leader();
	const [killed, last] = hosts.filter(host => host !== first);
	if (!first || !killed || !last) throw new Error(`nobody leads\n${account()}`);
	if (why === '')
		expect((await coordination.rooms()).rooms.map(({host}) => host).toSorted()).toEqual([HOST_NAME, `${HOST_NAME}-2`, `${HOST_NAME}-3`]);

	rmSync(join(team.files, `wait-${taskAt(last)}`));
	await waits(() => existsSync(join(team.files, 'arrived')), 'the push of the first merge');
	const before = hosts[0]?.git('--git-dir', remote, 'rev-parse', 'main');
	first.cut();
	await killed.kill();
	await waits(async () => (await leader()) === last, 'another leader');
	expect(first.git('--git-dir', remote, 'rev-parse', 'main')).toBe(before);
	writeFileSync(join(team.files, 'go'), '');
	for (const id of HELD) rmSync(join(team.files, `wait-${id}`), {force: true});
	await waits(() => first.git('--git-dir', remote, 'rev-parse', 'main') !== before, 'the first merge');
	first.heal();

	const isDone = async (): Promise<boolean> => (await coordination.list('', 100)).tasks.every(({state}) => state === 'merged');
	await waits(isDone, 'all merges', 150_000);
	const base = first.git('--git-dir', remote, 'rev-parse', 'main');
	const merges = first.git('--git-dir', remote, 'log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly)', 'main');
	expect(merges.split('\n').filter(Boolean).toSorted()).toEqual(IDS.toSorted());
	expect(
		first
			.git('--git-dir', remote, 'ls-tree', '--name-only', 'main')
			.split('\n')
			.filter(name => name.endsWith('.txt')),
	).toHaveLength(12);
	for (const host of [first, last])
		await waits(
			() => host.git('rev-parse', 'main') === base && host.git('status', '--porcelain') === '',
			`the clone of host ${host.number}`,
		);
	// Every place where the base ever stood is one of its history: it never moved back, and nothing that stood there is gone.
	const stood = first.git('--git-dir', remote, 'reflog', '--format=%H', 'main').split('\n');
	const history = new Set(first.git('--git-dir', remote, 'rev-list', '--first-parent', 'main').split('\n'));
	expect(stood.filter(commit => !history.has(commit))).toEqual([]);
	const events = eventsOf(await connection.call('XRANGE', 'workflow:events', '-', '+'));
	expect(events.filter(({type}) => type === 'task_merged')).toHaveLength(IDS.length);
});
