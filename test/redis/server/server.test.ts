import {spawn, spawnSync} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findOnPath} from '../../../source/os/find-program.ts';
import {isPidTaken, ownIdentity} from '../../../source/os/process-identity.ts';
import {startProcess} from '../../../source/pty/process.ts';
import {connectRedis} from '../../../source/redis/connection.ts';
import {findServerBinary} from '../../../source/redis/server/binary.ts';
import {isListening} from '../../../source/redis/server/files.ts';
import {type EmbeddedServer, startServer} from '../../../source/redis/server/server.ts';
import {coordinationOn, submission} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';

let root = '';
let folder = '';
let running: EmbeddedServer[] = [];

beforeEach(() => {
	root = realpathSync(mkdtempSync(join(tmpdir(), 'room-server-')));
	folder = join(root, 'a "quoted" \\ state folder');
	running = [];
});
afterEach(async () => {
	for (const server of running) await server.stop();
	rmSync(root, {recursive: true, force: true});
});

const starts = async (options: Partial<Parameters<typeof startServer>[0]> = {}): Promise<EmbeddedServer> => {
	const server = await startServer({folder, ...options});
	running.push(server);
	return server;
};
const submits = async (server: EmbeddedServer) => {
	const connection = await connectRedis(server.address);
	const reply = await coordinationOn(connection).submit(submission());
	connection.close();
	return reply.id;
};
describe('the private server', () => {
	test('listens on a socket of its owner alone, without TCP, with every acknowledged write on disk', async () => {
		const server = await starts();
		expect(server.version).toMatch(/^(Redis|Valkey) \d/);
		expect(server.wasAdopted).toBe(false);
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		expect(statSync(server.socketPath).mode & 0o777).toBe(0o700);
		const connection = await connectRedis(server.address);
		for (const [name, value] of [
			['port', '0'],
			['appendonly', 'yes'],
			['appendfsync', 'always'],
			['maxmemory-policy', 'noeviction'],
			['dir', folder],
		])
			expect(await connection.call('CONFIG', 'GET', name ?? '')).toEqual([name, value]);
		const [, events] = (await connection.call('CONFIG', 'GET', 'notify-keyspace-events')) as string[];
		expect([...(events ?? '')].toSorted()).toEqual(['$', 'E', 'K', 'l', 'x']);
		connection.close();
	});

	test('lets nobody do anything who does not know the password of its folder, which no process’s arguments or environment hold', async () => {
		const server = await starts();
		const {password = ''} = server.address;
		expect(password).toMatch(/^[0-9a-f]{64}$/);
		expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
		for (const stranger of [{}, {username: 'default', password}, {username: 'room', password: password.replace(/./g, '0')}])
			await expect(connectRedis({socketPath: server.socketPath, ...stranger})).rejects.toMatchObject({code: 'password'});
		const socket = connect(server.socketPath);
		const answers = createInterface({input: socket})[Symbol.asyncIterator]();
		for (const command of ['PING', 'CONFIG SET appendfsync no', 'LRANGE workflow:tasks:pending 0 -1', 'SHUTDOWN NOSAVE']) {
			socket.write(`${command}\r\n`);
			expect((await answers.next()).value).toMatch(/^-NOAUTH /);
		}
		socket.destroy();
		expect(readFileSync(join(folder, 'redis.conf'), 'utf8')).not.toContain(password);
		if (existsSync('/proc/self/environ'))
			for (const pid of [server.pid, process.pid])
				for (const name of ['environ', 'cmdline']) expect(readFileSync(`/proc/${pid}/${name}`, 'latin1')).not.toContain(password);
	});

	test('one that an earlier version started without a password is ended in order, and its successor asks for one and has everything', async () => {
		const earlier = await starts();
		expect(await submits(earlier)).toBe('t-1');
		await earlier.stop();
		const file = join(folder, 'redis.conf');
		writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^user .*\n/gm, ''));
		rmSync(join(folder, 'password'));
		const {pid = 0} = spawn(findServerBinary(process.env) ?? '', [file], {cwd: folder, stdio: 'ignore'});
		await eventually(() => isListening(earlier.socketPath), 'the server without a password listens');
		const lines: string[] = [];
		const [server, other] = await Promise.all([starts({log: line => lines.push(line)}), starts()]);
		expect([isPidTaken(pid), server.pid, server.pid === pid]).toEqual([false, other.pid, false]);
		expect(await submits(server)).toBe('t-2');
		await expect(connectRedis({socketPath: server.socketPath})).rejects.toMatchObject({code: 'password'});
	});

	test('one that takes another password is left alone and named', async () => {
		const server = await starts();
		writeFileSync(join(folder, 'password'), 'f'.repeat(64));
		await expect(startServer({folder})).rejects.toMatchObject({
			code: 'password',
			message: expect.stringContaining('rejects the password'),
		});
		expect(isPidTaken(server.pid)).toBe(true);
	});

	test('is adopted where it runs already, also by many at once, and belongs to nobody’s process', async () => {
		const several = await Promise.all([starts(), starts(), starts()]);
		expect(new Set(several.map(({pid}) => pid)).size).toBe(1);
		expect(several.filter(({wasAdopted}) => !wasAdopted).length).toBe(1);
		const session = spawnSync('ps', ['-o', 'sid=', '-p', String(several[0]?.pid)], {encoding: 'utf8'}).stdout.trim();
		if (session) expect(Number(session)).toBe(several[0]?.pid);
	});

	test('killed with -9 it is missed by who started and who adopted it, and comes back with all that was accepted', async () => {
		const [server, adopted] = [await starts(), await starts()];
		const exits: string[] = [];
		server.onExit(() => exits.push('started'));
		adopted.onExit(() => exits.push('adopted'));
		const first = await submits(server);
		process.kill(server.pid, 'SIGKILL');
		await eventually(() => exits.length === 2, 'both hear of the end');
		expect(existsSync(server.socketPath)).toBe(true);
		const again = await starts();
		expect(again.wasAdopted).toBe(false);
		expect([first, await submits(again)]).toEqual(['t-1', 't-2']);
	});

	/** The pid of a server whose starter was killed: nobody looks after it. */
	const startsAlone = async (): Promise<number> => {
		const program = `const {startServer} = await import(${JSON.stringify(join(import.meta.dirname, '../../../source/redis/server/server.ts'))});
			console.log((await startServer({folder: ${JSON.stringify(folder)}})).pid); setInterval(() => {}, 1e6);`;
		const room = spawn(process.execPath, ['--input-type=module', '-e', program], {stdio: ['ignore', 'pipe', 'inherit']});
		const pid = Number(await new Promise<Buffer>(resolve => room.stdout.once('data', resolve)));
		const ended = new Promise(resolve => room.once('exit', resolve));
		room.kill('SIGKILL');
		await ended;
		return pid;
	};

	test('outlives the process that started it, killed with -9, and is adopted by the next', async () => {
		const pid = await startsAlone();
		const server = await starts();
		expect(server).toMatchObject({pid, wasAdopted: true});
	});

	test('whose socket was removed is ended before another starts, for two would write one AOF', async () => {
		const pid = await startsAlone();
		const adopted = await starts();
		const first = await submits(adopted);
		const exit = new Promise<void>(resolve => adopted.onExit(() => resolve()));
		rmSync(adopted.socketPath);
		const server = await starts();
		expect([isPidTaken(pid), server.wasAdopted]).toEqual([false, false]);
		expect([first, await submits(server)]).toEqual(['t-1', 't-2']);
		await exit;
		expect(isPidTaken(server.pid)).toBe(true);
	});

	test('whose socket is removed is missed by who uses it, and comes back with all that was accepted', async () => {
		const server = await starts();
		const first = await submits(server);
		const exit = new Promise<void>(resolve => server.onExit(() => resolve()));
		rmSync(server.socketPath);
		await exit;
		expect(isPidTaken(server.pid)).toBe(false);
		expect([first, await submits(await starts())]).toEqual(['t-1', 't-2']);
	});

	test('is ended by stop also without its socket', async () => {
		const server = await starts();
		rmSync(server.socketPath);
		await server.stop();
		expect(isPidTaken(server.pid)).toBe(false);
	});

	test.skipIf(!existsSync('/proc/self/fd'))('holds no terminal of a pane, so that none outlives a room that is killed', async () => {
		const pane = startProcess({
			...{command: ['cat'], cwd: root, env: {PATH: process.env.PATH ?? ''}, columns: 20, rows: 5},
			marker: ['AGENT_ROOM_STATE', folder],
		});
		try {
			const held = (pid: number | 'self'): readonly string[] =>
				readdirSync(`/proc/${pid}/fd`).map(fd => {
					try {
						return readlinkSync(`/proc/${pid}/fd/${fd}`);
					} catch {
						return '';
					}
				});
			const isTerminal = (path: string): boolean => /ptmx|^\/dev\/pts/.test(path);
			expect(held('self').filter(isTerminal)).not.toEqual([]);
			expect(held((await starts()).pid).filter(isTerminal)).toEqual([]);
		} finally {
			process.kill(pane.pid, 'SIGKILL');
			await new Promise(resolve => pane.onEnd(resolve));
		}
	});

	test('a stop meant for a server that was replaced does not end its successor', async () => {
		const server = await starts();
		const gone = new Promise<void>(resolve => server.onExit(() => resolve()));
		process.kill(server.pid, 'SIGKILL');
		await gone;
		const successor = await starts();
		await server.stop();
		expect(isPidTaken(successor.pid)).toBe(true);
		expect(await submits(successor)).toBe('t-1');
	});

	test('stop ends it in order and says nothing of an exit; stopping twice is harmless', async () => {
		const server = await starts();
		let exits = 0;
		server.onExit(() => exits++);
		await server.stop();
		expect(isPidTaken(server.pid)).toBe(false);
		expect(existsSync(server.socketPath)).toBe(false);
		await server.stop();
		expect(exits).toBe(0);
	});

	test('where the folder’s path is too long for a socket, it listens in a private folder elsewhere', async () => {
		folder = join(root, 'x'.repeat(120));
		const server = await starts();
		expect(Buffer.byteLength(server.socketPath)).toBeLessThan(100);
		expect(statSync(dirname(server.socketPath)).mode & 0o777).toBe(0o700);
		expect((await starts()).wasAdopted).toBe(true);
		expect(await submits(server)).toBe('t-1');
	});

	test('a start lock left by a process that is gone does not hold it up', async () => {
		await (await starts()).stop();
		const gone = spawnSync('true').pid;
		writeFileSync(join(folder, 'redis.starting'), JSON.stringify({...ownIdentity(), pid: gone}));
		expect((await starts()).wasAdopted).toBe(false);
	});

	test('runs on Valkey just so', async () => {
		const environment = {...process.env, AGENT_ROOM_REDIS_SERVER: findOnPath('valkey-server', process.env.PATH ?? '')};
		const server = await starts({environment});
		expect(server.version).toMatch(/^Valkey /);
		expect(await submits(server)).toBe('t-1');
		await server.stop();
		expect(await submits(await starts({environment}))).toBe('t-2');
	});

	test('without a program says what to do', async () => {
		const refused = {name: 'RedisRefused', code: 'no-binary', hint: expect.stringContaining('agent-room setup')};
		await expect(startServer({folder, environment: {PATH: '/nowhere'}})).rejects.toMatchObject(refused);
		await expect(startServer({folder, environment: {...process.env, AGENT_ROOM_REDIS_SERVER: '/nowhere'}})).rejects.toMatchObject(refused);
		expect(findServerBinary({PATH: '.:node_modules/.bin'})).toBeUndefined();
	});

	test('a server that does not start is reported with the end of its log', async () => {
		const broken = join(root, 'broken');
		writeFileSync(broken, '#!/bin/sh\necho "no such luck" >&2\nexit 3\n');
		chmodSync(broken, 0o755);
		await expect(startServer({folder, environment: {...process.env, AGENT_ROOM_REDIS_SERVER: broken}})).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringMatching(/exit code 3.*no such luck/),
		});
	});

	test('a socket on which something else listens is neither removed nor used', async () => {
		await (await starts()).stop();
		const other = createServer(socket => {
			socket.on('error', () => undefined);
			socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
		});
		await new Promise<void>(resolve => other.listen(join(folder, 'redis.sock'), resolve));
		await expect(startServer({folder})).rejects.toMatchObject({name: 'RedisRefused', code: 'not-redis'});
		expect(other.listening && existsSync(join(folder, 'redis.sock'))).toBe(true);
		await new Promise(resolve => other.close(resolve));
	});
});
