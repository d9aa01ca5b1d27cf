import {spawn} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Reply, Request} from '../../source/core/protocol/request.ts';
import {follow, request} from '../../source/socket/client.ts';
import {RoomAbsent, RoomSilent, SocketTaken, SocketUnsafe} from '../../source/socket/errors.ts';
import {socketPathFor} from '../../source/socket/path.ts';
import {type SocketServer, type SocketServing, serveSocket} from '../../source/socket/server.ts';
import {waitFor} from '../wait-for.ts';

let path = '';
const servers: SocketServer[] = [];

beforeEach(() => {
	path = socketPathFor(mkdtempSync(join(tmpdir(), 'agent-room-socket-')));
});

afterEach(async () => {
	for (const server of servers.splice(0)) await server.close();
	rmSync(dirname(path), {recursive: true, force: true});
});

const serve = async (onRequest: SocketServing['onRequest'], onAttach: SocketServing['onAttach'] = connection => connection.destroy()) => {
	const server = await serveSocket({path, onRequest, onAttach});
	servers.push(server);
	return server;
};

/** Sends raw bytes and resolves with everything that came back until the room closed. */
const sendRaw = (bytes: Uint8Array | string): Promise<string> =>
	new Promise(resolve => {
		let text = '';
		const socket = connect(path, () => socket.write(bytes));
		socket.on('data', chunk => {
			text += chunk;
		});
		socket.on('error', () => undefined);
		socket.on('close', () => resolve(text));
	});

const addTask = (title: string): Request => ({op: 'dispatch', action: {type: 'add-task', title}});

describe('the socket of a room', () => {
	test('answers a hundred requests at once, each with its own answer', async () => {
		await serve((asked, reply) => {
			setImmediate(() => reply({ok: true, code: 'ok', data: asked}));
		});
		const asked = Array.from({length: 100}, (_, index) => addTask(`task ${index} \u001b[31m \u202e ; rm -rf`));
		const replies = await Promise.all(asked.map(one => request(path, one)));
		expect(replies.map(reply => reply.data)).toEqual(asked);
	});

	test('listens again where its file was removed, with its folder; who is connected stays', async () => {
		const server = await serve((asked, reply, connection) => {
			if (asked.op === 'ping') reply({ok: true, code: 'ok'});
			else connection.write(`${JSON.stringify({ok: true, code: 'ok', data: 'first', last: false})}\n`);
			if (asked.op === 'status') later = () => reply({ok: true, code: 'ok', data: 'second'});
		});
		let later = (): void => undefined;
		const replies: unknown[] = [];
		const following = follow(path, {op: 'status'}, ({data}) => replies.push(data));
		await waitFor('the follower is answered', () => replies.length === 1);
		expect(await server.keep()).toBe(false);
		rmSync(dirname(path), {recursive: true});
		await expect(request(path, {op: 'ping'})).rejects.toThrow(RoomAbsent);
		expect(await server.keep()).toBe(true);
		expect([(await request(path, {op: 'ping'})).ok, statSync(path).mode & 0o777]).toEqual([true, 0o600]);
		later();
		await following;
		expect(replies).toEqual(['first', 'second']);
		await server.close();
		expect([await server.keep(), existsSync(path)]).toEqual([false, false]);
	});

	test('belongs to its owner alone', async () => {
		await serve((_, reply) => reply({ok: true, code: 'ok'}));
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
	});

	test('streams replies until the last one', async () => {
		await serve((_, reply) => {
			for (const line of [1, 2, 3]) reply({ok: true, code: 'ok', data: line, last: line === 3});
			reply({ok: true, code: 'ok', data: 'too late'});
		});
		const lines: unknown[] = [];
		await follow(path, {op: 'events', since: '', follow: false}, (reply: Reply) => lines.push(reply.data));
		expect(lines).toEqual([1, 2, 3]);
	});

	test('notices that a follower has gone', async () => {
		let isGone = false;
		await serve((_, reply, connection) => {
			connection.once('close', () => {
				isGone = true;
			});
			reply({ok: true, code: 'ok', last: false});
		});
		const abort = new AbortController();
		await follow(path, {op: 'events', since: '0-0', follow: true}, () => abort.abort(), {signal: abort.signal});
		await waitFor('the room saw it', () => isGone);
	});

	test('notices that a client has gone whose answer takes long, and waits with one that has only closed its half', async () => {
		const gone: string[] = [];
		const answers = new Map<string, (reply: Reply) => void>();
		await serve((asked, reply, connection) => {
			if (asked.op !== 'report') return;
			answers.set(asked.task, reply);
			connection.on('close', () => gone.push(asked.task));
		});
		const asking = (task: string): Request => ({op: 'report', agent: 'a', task, token: '1:x', kind: 'ask', text: '?', choices: []});
		const leaving = new AbortController();
		const left = follow(path, asking('left'), () => undefined, {signal: leaving.signal});
		const half = new Promise<string>(resolve => {
			let text = '';
			const socket = connect({path, allowHalfOpen: true}, () => socket.end(`${JSON.stringify(asking('half'))}\n`));
			socket.on('data', chunk => {
				text += chunk;
			});
			socket.on('close', () => resolve(text));
		});
		await waitFor('both are asked', () => answers.size === 2);
		leaving.abort();
		await left;
		await waitFor('one has gone', () => gone.length > 0);
		expect(gone).toEqual(['left']);
		answers.get('half')?.({ok: true, code: 'ok'});
		expect((await half).trim()).toBe('{"ok":true,"code":"ok"}');
	});

	test('answers a client that has closed its half', async () => {
		await serve((_, reply) => {
			setTimeout(() => reply({ok: true, code: 'ok', data: 'late'}), 20);
		});
		const text = await new Promise(resolve => {
			const socket = connect({path, allowHalfOpen: true}, () => socket.end('{"op":"ping"}\n'));
			socket.once('data', chunk => resolve(String(chunk)));
		});
		expect(text).toContain('late');
	});

	test('turns an error of its handler into an answer', async () => {
		await serve(asked => {
			if (asked.op === 'ping') throw new Error('broken');
			return Promise.reject(new Error('broken later'));
		});
		expect(await request(path, {op: 'ping'})).toEqual({ok: false, code: 'failed', message: 'broken'});
		expect(await request(path, {op: 'status'})).toEqual({ok: false, code: 'failed', message: 'broken later'});
	});
});

describe('what is no request', () => {
	beforeEach(async () => {
		await serve((_, reply) => reply({ok: true, code: 'ok'}));
	});

	afterEach(async () => {
		expect(await request(path, {op: 'ping'})).toEqual({ok: true, code: 'ok'});
	});

	test.each([
		['garbage', 'GET / HTTP/1.1\r\n\r\n', 'it is not JSON'],
		['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 1, 10]), 'it is not JSON'],
		['null', 'null\n', 'request'],
		['an unknown operation', '{"op":"format-disk"}\n', 'unknown request `format-disk`'],
		['an unknown action', '{"op":"dispatch","action":{"type":"sudo"}}\n', 'action'],
		['a title without end', `${JSON.stringify(addTask('x'.repeat(100_000)))}\n`, 'action.title'],
		['a report of no kind', '{"op":"report","agent":"a","task":"t","token":"1","kind":"\\u001b[2J"}\n', 'unknown report `?[2J`'],
		['a window of no size', '{"op":"attach","columns":0,"rows":24,"environment":{}}\n', 'columns'],
	])('%s is refused in words', async (_, bytes, problem) => {
		const reply = JSON.parse(await sendRaw(bytes));
		expect(reply).toMatchObject({ok: false, code: 'bad-request'});
		expect(reply.message).toContain(problem);
		expect(reply.message).not.toMatch(/[^\x20-\x7e]/);
	});

	test('a line of more than 4 MB is cut off', async () => {
		expect(await sendRaw(Buffer.alloc(6 * 1024 * 1024, 'x'))).toContain('bad-request');
	});

	test('a client that leaves in the middle of a line harms nobody', async () => {
		const socket = connect(path, () => socket.write('{"op":'));
		await new Promise(resolve => socket.once('connect', resolve));
		socket.destroy();
	});
});

describe('a second room', () => {
	test('is refused while the first lives', async () => {
		await serve((_, reply) => reply({ok: true, code: 'ok', data: 'first'}));
		await expect(serveSocket({path, onRequest: () => undefined, onAttach: () => undefined})).rejects.toBeInstanceOf(SocketTaken);
		expect((await request(path, {op: 'ping'})).data).toBe('first');
	});

	test('replaces the socket that a killed one left', async () => {
		const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
		const failed = spawn(process.execPath, ['-e', code], {stdio: ['ignore', 'pipe', 'inherit']});
		await new Promise(resolve => failed.stdout.once('data', resolve));
		failed.kill('SIGKILL');
		await new Promise(resolve => failed.once('exit', resolve));
		expect(existsSync(path)).toBe(true);
		await expect(request(path, {op: 'ping'})).rejects.toBeInstanceOf(RoomAbsent);
		await serve((_, reply) => reply({ok: true, code: 'ok', data: 'second'}));
		expect((await request(path, {op: 'ping'})).data).toBe('second');
	});

	test('that starts at the same moment as five others is the only one', async () => {
		const serving = {path, onRequest: () => undefined, onAttach: () => undefined};
		const starts = await Promise.allSettled(Array.from({length: 6}, () => serveSocket(serving)));
		const started = starts.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []));
		servers.push(...started);
		expect(started.length).toBe(1);
	});
});

describe('no answer', () => {
	test('where no room is', async () => {
		await expect(request(path, {op: 'ping'})).rejects.toBeInstanceOf(RoomAbsent);
		await expect(request('/nowhere/room.sock', {op: 'ping'})).rejects.toBeInstanceOf(RoomAbsent);
	});

	test('within the time that was given', async () => {
		await serve(() => undefined);
		await expect(request(path, {op: 'ping'}, {timeoutMs: 50})).rejects.toThrow('did not answer within 50 ms');
	});

	test('from a room that ends', async () => {
		await serve((_, __, connection) => void connection.destroy());
		await expect(request(path, {op: 'ping'})).rejects.toBeInstanceOf(RoomSilent);
	});

	test('is asked for in a folder that others may enter', async () => {
		const open = join(path, '..', 'open');
		mkdirSync(open);
		chmodSync(open, 0o777);
		await expect(request(socketPathFor(open), {op: 'ping'})).rejects.toBeInstanceOf(SocketUnsafe);
	});
});

test('a folder whose path is too long for a socket gets a short private one, the same every time', () => {
	const long = `/${'deep/'.repeat(40)}`;
	expect(Buffer.byteLength(socketPathFor(long))).toBeLessThanOrEqual(100);
	expect(socketPathFor(long)).toBe(socketPathFor(long));
	expect(socketPathFor(long)).not.toBe(socketPathFor(`${long}er`));
	expect(socketPathFor('/state/room')).toBe('/state/room/room.sock');
});
