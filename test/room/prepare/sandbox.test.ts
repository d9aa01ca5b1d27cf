import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {dirname, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {findOnPath} from '../../../source/os/find-program.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {withEnvironment} from '../../helpers/environment.ts';
import {startTestRedis} from '../../helpers/redis.ts';

/** A home with something in it that is nobody's business. */
const personsHome = (): string => {
	const home = temporaryFolder('h');
	mkdirSync(join(home, '.ssh'));
	for (const name of ['.ssh/id_ed25519', 'diary.txt', '.git-credentials']) writeFileSync(join(home, name), 'canary of the home\n');
	writeFileSync(
		join(home, '.gitconfig'),
		'[user]\n\tname = A Person\n\temail = p@example.org\n[http]\n\textraHeader = canary of the home\n',
	);
	withEnvironment({HOME: home, SSH_AUTH_SOCK: join(home, 'agent.sock')});
	return home;
};

/** Tries each of the paths, one a line in `$D/paths`, in every way that a shell has; what could be read or written is in `$D/fell`. */
const TRIES = `while IFS= read -r path; do
	cat "$path" >/dev/null 2>&1 && echo "read $path" >>"$D/fell"
	ls "$path" 2>/dev/null | grep -q . && echo "listed $path" >>"$D/fell"
	[ -d "$path" ] && (: >"$path/planted") 2>/dev/null && echo "wrote below $path" >>"$D/fell"
	(: >>"$path") 2>/dev/null && echo "wrote $path" >>"$D/fell"
done <"$D/paths"
for file in /proc/[0-9]*/environ; do grep -aq CANARY_OF_THE_ROOM "$file" 2>/dev/null && echo "environment $file" >>"$D/fell"; done
[ -z "\${SSH_AUTH_SOCK:-}" ] || echo "an ssh agent" >>"$D/fell"
`;

const state = (room: TestRoom): string => join(dirname(room.folder), 's');

/** A port of the loopback on which nobody listens. */
const freePort = async (): Promise<number> => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
};

/** Processes of the room's attempts as the machine sees them, and the letter of their state. */
const processes = (room: TestRoom): ReadonlyArray<{readonly pid: number; readonly state: string; readonly command: string}> => {
	const words = `AGENT_ROOM_STATE=${state(room)}\0`;
	return readdirSync('/proc')
		.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
		.flatMap(name => {
			try {
				if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(words)) return [];
				const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
				return [{pid: Number(name), state: readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)?.[0] ?? '', command}];
			} catch {
				return [];
			}
		});
};

describe.skipIf(process.platform !== 'linux')('a sandbox around an agent', () => {
	test('shows its worktree, its socket and its home; not the home, the state folder, another worktree, Redis, or the room', async () => {
		const home = personsHome();
		withEnvironment({CANARY_OF_THE_ROOM: 'in its environment'});
		const developer = `if [ "$AGENT_ROOM_TASK" = other ]; then ${WAITS}\nfi
if [ "$AGENT_ROOM_TASK" = one ]; then
while [ ! -e "$D/paths" ]; do sleep 0.02; done
${TRIES}
id >"$D/said"; touch ~/mine /tmp/mine && agent-room report progress "I am inside" >>"$D/said" 2>&1
agent-room help llms >>"$D/said" 2>&1; agent-room --version >>"$D/said" 2>&1; ls /tmp >"$D/tmp"
fi
${WRITES}; git add --all; git commit --quiet -m "by hand" && git log -1 --format=%an >"$D/author"; git config --get http.extraHeader >>"$D/fell"; true`;
		const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'other', id: 'other'});
		const other = await room.atWork('other', 1);
		writeFileSync(join(other.worktree, 'canary.txt'), 'of another worktree\n');
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		const redis = room.store.getSnapshot().redis.address.replace(/^unix:/, '');
		const paths = [
			...[home, join(home, 'diary.txt'), join(home, '.ssh/id_ed25519'), join(home, '.ssh'), join(home, '.git-credentials')],
			...[other.worktree, join(other.worktree, 'canary.txt'), join(other.worktree, 'README.md')],
			...[state(room), join(state(room), 'guardian.git'), join(state(room), 'room.log'), redis, dirname(redis)],
			...[room.repository.root, join(room.repository.root, 'README.md'), '/etc/shadow', '/proc/sys/kernel/core_pattern', '/root/.bashrc'],
		];
		room.write('paths.new', `${paths.join('\n')}\n`);
		room.write('paths', `${paths.join('\n')}\n`);
		await room.when('it is merged', () => room.task('one').state === 'merged');
		const fell = room.read('fell').split('\n').filter(Boolean);
		// The kernel's own settings may be read by everybody. What it writes there lies in a /tmp of its own: nothing of it is here.
		expect(fell.filter(line => !/^(wrote|listed)|core_pattern$/.test(line))).toEqual([]);
		expect(fell.filter(line => / \/(etc|proc|root)\//.test(line) && line.startsWith('wrote'))).toEqual([]);
		const planted = [home, join(home, '.ssh'), other.worktree, state(room), room.repository.root].map(folder => join(folder, 'planted'));
		expect(planted.filter(file => existsSync(file))).toEqual([]);
		expect(readFileSync(join(home, 'diary.txt'), 'utf8')).toBe('canary of the home\n');
		expect(room.read('said')).toContain('uid=');
		expect(room.read('said')).toMatch(/^AGENT-ROOM FOR AGENTS$[\s\S]*^\d+\.\d+\.\d+$/m);
		expect(room.read('tmp').split('\n')).toContain('mine');
		expect(existsSync('/tmp/mine')).toBe(false);
		expect(existsSync(join(home, 'mine'))).toBe(false);
		expect(readdirSync(home).toSorted()).toEqual(['.git-credentials', '.gitconfig', '.ssh', 'diary.txt']);
		expect(room.events.some(({type, text}) => type === 'task_progressed' && text === 'I am inside')).toBe(true);
		expect(room.read('author')).toBe('A Person');
		room.touch('go-other');
	});

	test('is stopped and continued whole, hears ctrl+c, and is ended with what it has started', async () => {
		personsHome();
		const developer = `export D; trap 'echo int >>"$D/heard"' INT
trap 'echo term >>"$D/heard"; exit 7' TERM
(trap '' TERM INT; setsid sh -c 'while :; do date +%s%N >"$D/clock"; sleep 0.05; done') &
${WAITS.split('\n')[0]}
while :; do sleep 0.05; done`;
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}, config: {attempts: 1}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.atWork('one', 1);
		await room.when('its child works', () => room.has('clock'));
		expect(processes(room).some(({command}) => command.includes('bwrap'))).toBe(true);
		await room.must({type: 'pause-agent', agent: DEV_1});
		await room.when('all of it stands still', () => processes(room).every(one => one.state === 'T' || one.state === 'Z'));
		const stood = room.read('clock');
		await room.must({type: 'resume-agent', agent: DEV_1});
		await room.when('its child works again', () => room.read('clock') !== stood);
		room.store.pane(DEV_1)?.write(Buffer.from('\u0003'));
		await room.when('it has heard it', () => room.read('heard') === 'int');
		expect(room.task('one').state).toBe('leased');
		await room.must({type: 'stop-agent', agent: DEV_1, how: 'stop'});
		await room.when('it has ended', () => processes(room).length === 0);
		expect(room.read('heard')).toBe('int\nterm');
	});

	test('ends as its program ends: by its code, or by its signal', async () => {
		personsHome();
		const ends = {seven: 'exit 7', killed: 'kill -KILL $$', crashed: 'kill -SEGV $$', well: WRITES};
		const developer = `case "$AGENT_ROOM_TASK" in ${Object.entries(ends)
			.map(([name, script]) => `${name}) ${script} ;;`)
			.join('\n')} esac`;
		const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': APPROVES}, config: {attempts: 1}});
		for (const id of Object.keys(ends)) await room.must({type: 'add-task', title: id, id});
		await room.when('all have ended', () => Object.keys(ends).every(id => ['failed', 'merged'].includes(room.task(id).state)));
		const reasons = Object.fromEntries(Object.keys(ends).map(id => [id, room.task(id).reason || room.task(id).state]));
		expect(reasons).toEqual({seven: 'exit 7', killed: 'killed by SIGKILL', crashed: 'killed by SIGSEGV', well: 'merged'});
	});

	test('that works at the start and breaks later costs no attempt, and nothing runs without it', async () => {
		personsHome();
		// A bubblewrap of the test's own, which can be broken while the room runs.
		const commands = temporaryFolder('b');
		const bwrap = join(commands, 'bwrap');
		const real = findOnPath('bwrap', process.env.PATH ?? '') ?? '';
		writeFileSync(
			bwrap,
			`#!/bin/sh\n[ -e '${commands}/broken' ] && { echo "bwrap: setting up uid map: Permission denied" >&2; exit 1; }\nexec '${real}' "$@"\n`,
			{
				mode: 0o755,
			},
		);
		withEnvironment({PATH: `${commands}:${process.env.PATH ?? ''}`});
		const room = await openEngine({
			agents: {developer: `echo ran >>"$D/ran"; ${WRITES}`, 'code-sentinel': APPROVES},
			config: {attempts: 1},
		});
		writeFileSync(join(commands, 'broken'), '');
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('its agent says why', () => room.agent(DEV_1).reason.includes('sandbox'));
		expect(room.agent(DEV_1).reason).toMatch(/^the sandbox no longer works: user namespaces are not allowed here/);
		expect(room.task('one')).toMatchObject({failures: 0, state: 'ready'});
		expect(room.has('ran')).toBe(false);
		rmSync(join(commands, 'broken'));
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('ran')).toBe('ran');
	});

	test('whose network is open keeps the room from a Redis that obeys anybody; with a password, or a closed network, it starts', async () => {
		personsHome();
		const port = await freePort();
		const redis = await startTestRedis(['--port', String(port)]);
		onTestFinished(() => redis.stop());
		const url = `redis://127.0.0.1:${port}`;
		const start = (redisUrl: string, config: object): Promise<string> =>
			openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, config, options: {redisUrl, namespace: randomUUID()}}).then(
				async ({room}) => {
					await room.stop('looked at');
					return 'it started';
				},
				(error: Error) => error.message,
			);
		expect(await start(url, {})).toBe(
			`Redis at \`${url}\` has no password, and agents with \`network: on\` can reach it and change tasks and locks.`,
		);
		expect(await start(url, {network: 'models'})).toBe('it started');
		const connection = await redis.connect();
		await connection.call('CONFIG', 'SET', 'requirepass', 'a password');
		expect(await start(url.replace('//', '//:a%20password@'), {})).toBe('it started');
	});

	test('that was asked for and cannot be had keeps the room from starting, with the reason', async () => {
		personsHome();
		const refusal = (config: object): Promise<string> =>
			openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, config}).then(
				() => 'it started',
				(error: Error) => error.message,
			);
		expect(await refusal({sandbox: ['no-such-jail', '--quiet']})).toBe('The program `no-such-jail` of `sandbox` was not found.');
		expect(await refusal({sandbox: 'off', network: 'models'})).toContain('`network: models` needs the built-in sandbox, which is off.');
		const commands = temporaryFolder('b');
		writeFileSync(join(commands, 'bwrap'), '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n', {mode: 0o755});
		withEnvironment({PATH: `${commands}:${process.env.PATH ?? ''}`});
		expect(await refusal({sandbox: 'on'})).toMatch(
			/^`sandbox: on` cannot work here: user namespaces are not allowed here \(`bwrap: No permissions/,
		);
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}});
		expect(room.store.getSnapshot().unprotected).toEqual(['no sandbox']);
		expect(
			room.store
				.getSnapshot()
				.banners.map(({text}) => text)
				.join(),
		).toMatch(/^No sandbox: .* Agents run with all your permissions/);
	});
});
