import {closeSync, mkdirSync, openSync, readdirSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {handshake} from '../../source/attach/protocol.ts';
import {connectToRoom, request} from '../../source/socket/client.ts';
import {type Caller, createChallenges} from '../../source/socket/proof.ts';
import {serveSocket} from '../../source/socket/server.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {waitFor} from '../wait-for.ts';

const openRoom = async () => {
	const folder = temporaryFolder('proof');
	const [path, callers] = [join(folder, 'private', 's'), join(folder, 'callers')];
	mkdirSync(callers);
	const attached: string[] = [];
	const server = await serveSocket({
		path,
		challenge: createChallenges(callers),
		onRequest: (_, reply, __, caller) => reply({ok: true, code: 'ok', data: caller}),
		onAttach: (connection, _, caller) => {
			connection.on('data', chunk => void attached.push(String(chunk)));
			connection.resume();
			connection.write(`${JSON.stringify({ok: true, code: 'ok', data: caller})}\n`);
		},
	});
	onTestFinished(() => server.close());
	return {path, attached, left: () => readdirSync(callers)};
};

/** Asks for `status` and answers the question after it as `answer` says, '' for not at all; what the room found out. */
const callerOf = (path: string, answer: (file: string) => string): Promise<Caller> =>
	new Promise(resolve => {
		let text = '';
		const socket = connect({path, allowHalfOpen: true}, () => socket.write('{"op":"status"}\n'));
		socket.on('data', chunk => {
			text += chunk;
			const last = JSON.parse(text.trim().split('\n').at(-1) ?? '');
			if (last.code === 'prove') socket.end(answer(last.data.file));
			else resolve(last.data);
		});
	});

test('a caller is the process that holds the file open which it alone was told, and no other that it names', async () => {
	const {path, left} = await openRoom();
	expect((await request(path, {op: 'status'}, {command: 'status'})).data).toEqual({
		kind: 'proven',
		pid: process.pid,
		command: 'status',
	});
	const said = (more: object): string => `${JSON.stringify(more)}\n`;
	const holding = (answer: (fd: number) => object): Promise<Caller> =>
		callerOf(path, file => {
			const fd = openSync(file, 'r');
			onTestFinished(() => closeSync(fd));
			return said(answer(fd));
		});
	expect(await holding(fd => ({pid: process.pid, fd}))).toEqual({kind: 'proven', pid: process.pid, command: ''});
	const unproven = {kind: 'unproven'};
	expect(await holding(fd => ({pid: process.ppid, fd}))).toEqual(unproven);
	expect(await holding(fd => ({pid: String(process.pid), fd}))).toEqual(unproven);
	expect(await holding(fd => ({pid: process.pid, fd: `../../${process.pid}/fd/${fd}`}))).toEqual(unproven);
	expect(await callerOf(path, () => said({pid: process.pid, fd: 0}))).toEqual(unproven);
	for (const answer of ['', 'x\n', '{\n', 'null\n', 'y'.repeat(100_000), said({op: 'status'})])
		expect(await callerOf(path, () => answer)).toEqual(unproven);
	expect(left()).toEqual([]);
});

test('a terminal proves itself before its frames, which lose nothing', async () => {
	const {path, attached} = await openRoom();
	const socket = await connectToRoom(path);
	const reply = await handshake(socket, {op: 'attach', columns: 80, rows: 24, environment: {}});
	expect(reply.data).toMatchObject({kind: 'proven', pid: process.pid});
	socket.write('frames');
	await waitFor('what it sends', () => attached.join('') === 'frames');
	socket.destroy();
});

test('whether a room is there is told without a proof', async () => {
	const {path} = await openRoom();
	expect((await request(path, {op: 'ping'})).data).toEqual({kind: 'unproven'});
});
