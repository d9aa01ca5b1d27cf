import {setTimeout as delay} from 'node:timers/promises';
import type {Action} from '../../core/protocol/action.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {request} from '../../socket/client.ts';
import {RoomAbsent, RoomEnded} from '../../socket/errors.ts';
import {socketPathFor} from '../../socket/path.ts';
import {findPlace} from '../config/place.ts';
import {type CommandError, type Invocation, notReady} from '../parse/command.ts';
import {printReply, refused} from './answers.ts';

/** A new room replies `starting` until Redis and team are up. */
const STARTING_MS = 15_000;
const PAUSE_MS = 50;

/** Time limit of a reply, ms. */
const PATIENCE_MS = 15_000;

/** The room's socket for the surrounding repository or --repo. */
export const socketOf = (invocation: Invocation): string => socketPathFor(findPlace(invocation).stateFolder);

export const noRoom = (): CommandError => notReady('no-room', 'No room is running here.', 'Start one with `agent-room`.');

const isRead = ({op}: Request): boolean => op !== 'dispatch' && op !== 'report';

/**
 * Sends a request; repeats it while the room is starting, and if it only reads also after a room that ended before it answered: the next
 * try finds none, or the one after it. Whether an order took effect in such a room is unknown, so none is repeated. `timeoutMs` 0: no limit.
 */
export const askSocket = async (
	socketPath: string,
	asked: Request,
	{timeoutMs = PATIENCE_MS, command = ''}: {readonly timeoutMs?: number; readonly command?: string} = {},
): Promise<Reply> => {
	const since = performance.now();
	const isOver = (): boolean => performance.now() - since > STARTING_MS;
	for (;;) {
		try {
			const reply = await request(socketPath, asked, {timeoutMs, command});
			if (reply.ok || reply.code !== 'starting' || isOver()) return reply;
		} catch (error) {
			if (!(error instanceof RoomEnded) || !isRead(asked) || isOver()) throw error;
		}
		await delay(PAUSE_MS);
	}
};

export const isRoomAlive = async (socketPath: string): Promise<boolean> => {
	try {
		return (await askSocket(socketPath, {op: 'ping'})).ok;
	} catch (error) {
		if (error instanceof RoomAbsent) return false;
		throw error;
	}
};

/** Asks the running room; undefined without one. Throws refusals. `timeoutMs` 0: no limit. */
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

/** Asks the running room; exits with 3 without one. */
export const ask = async (invocation: Invocation, asked: Request, timeoutMs?: number): Promise<Reply> => {
	const reply = await askIfRunning(invocation, asked, timeoutMs);
	if (!reply) throw noRoom();
	return reply;
};

/** Sends an order and prints its result. */
export const order = async (invocation: Invocation, action: Action): Promise<number> =>
	printReply(invocation, await ask(invocation, {op: 'dispatch', action}));
