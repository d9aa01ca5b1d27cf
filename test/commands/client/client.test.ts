import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {askSocket, isRoomAlive} from '../../../source/commands/client/client.ts';
import {RoomAbsent, RoomEnded} from '../../../source/socket/errors.ts';
import {socketPathFor} from '../../../source/socket/path.ts';
import {serveSocket} from '../../../source/socket/server.ts';

/** A room that is asked while it stops: it takes the connection and ends before it answers. */
describe('a room that ends before it answers', () => {
	let path = '';
	let asked = 0;

	beforeEach(async () => {
		path = socketPathFor(mkdtempSync(join(tmpdir(), 'agent-room-ends-')));
		asked = 0;
		const server = await serveSocket({
			path,
			onRequest: (_request, _reply, connection) => {
				asked++;
				connection.destroy();
				void server.close();
			},
			onAttach: connection => void connection.destroy(),
		});
	});
	afterEach(() => rmSync(dirname(path), {recursive: true, force: true}));

	test('is no room for a command that only reads', async () => {
		await expect(askSocket(path, {op: 'status'})).rejects.toThrow(RoomAbsent);
		expect(asked).toBe(1);
	});

	test('is not alive', async () => {
		expect(await isRoomAlive(path)).toBe(false);
		expect(asked).toBe(1);
	});

	test('gets an order only once, for it may have taken effect', async () => {
		await expect(askSocket(path, {op: 'dispatch', action: {type: 'stop-room'}})).rejects.toThrow(RoomEnded);
		expect(asked).toBe(1);
	});
});
