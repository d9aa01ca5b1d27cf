import {setTimeout as delay} from 'node:timers/promises';
import type {Action} from '../../core/protocol/action.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {request} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import {socketPathFor} from '../../socket/path.ts';
import {findPlace} from '../config/place.ts';
import {type CommandError, type Invocation, notReady} from '../parse/command.ts';
import {printReply, refused} from './answers.ts';

/** A room that has just been started answers `starting` until its Redis and its team are up. */
const STARTING_MS = 15_000;
const PAUSE_MS = 50;

/** Long enough for a busy room, short enough for a person to believe it, ms. */
const PATIENCE_MS = 15_000;

/** The socket of the room that a person's command means: that of the repository around, or of the one that --repo names. */
export const socketOf = (invocation: Invocation): string => socketPathFor(findPlace(invocation).stateFolder);

export const noRoom = (): CommandError => notReady('no-room', 'No room is running here.', 'Start one with `agent-room`.');

/** One request and its answer; one that meets a room on its way up is asked again until the room is there. `timeoutMs` 0: no limit. */
export const askSocket = async (
	socketPath: string,
	asked: Request,
	{timeoutMs = PATIENCE_MS, command = ''}: {readonly timeoutMs?: number; readonly command?: string} = {},
): Promise<Reply> => {
	const since = performance.now();
	for (;;) {
		const reply = await request(socketPath, asked, {timeoutMs, command});
		if (reply.ok || reply.code !== 'starting' || performance.now() - since > STARTING_MS) return reply;
		await delay(PAUSE_MS);
	}
};

/** Whether a room answers on this socket. */
export const isRoomAlive = async (socketPath: string): Promise<boolean> => {
	try {
		return (await askSocket(socketPath, {op: 'ping'})).ok;
	} catch (error) {
		if (error instanceof RoomAbsent) return false;
		throw error;
	}
};

/** Asks the running room; undefined where none runs. Refusals are thrown. `timeoutMs` 0 waits without end. */
export const askIfRunning = async (invocation: Invocation, asked: Request, timeoutMs = PATIENCE_MS): Promise<Reply | undefined> => {
	try {
		const reply = await askSocket(socketOf(invocation), asked, {timeoutMs, command: invocation.command});
		if (!reply.ok) throw refused(reply);
		return reply;
	} catch (error) {
		if (error instanceof RoomAbsent) return undefined;
		throw error;
	}
};

/** Asks the running room; no room is a refusal with exit 3. */
export const ask = async (invocation: Invocation, asked: Request, timeoutMs?: number): Promise<Reply> => {
	const reply = await askIfRunning(invocation, asked, timeoutMs);
	if (!reply) throw noRoom();
	return reply;
};

/** Gives the room a person's order and prints what came of it. */
export const order = async (invocation: Invocation, action: Action): Promise<number> =>
	printReply(invocation, await ask(invocation, {op: 'dispatch', action}));
