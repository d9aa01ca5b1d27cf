import {setTimeout as delay} from 'node:timers/promises';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {request} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import {socketPathFor} from '../../socket/path.ts';
import {findPlace} from '../config/place.ts';
import {CommandError, EXIT, type Invocation, isSet, notReady, textFlag} from '../parse/command.ts';
import {plainJson, plainLines} from '../parse/print.ts';

/** A refused answer of the room as an error with the exit code of its word. */
export const refused = (reply: {readonly code: string; readonly message?: string; readonly hint?: string}): CommandError => {
	const exitCode =
		reply.code === 'bad-request' || reply.code === 'usage'
			? EXIT.usage
			: reply.code === 'not-ready' || reply.code === 'starting'
				? EXIT.notReady
				: EXIT.failed;
	return new CommandError(reply.code, reply.message || `The room refused: ${reply.code}.`, reply.hint ?? '', exitCode);
};

/** What the room answered in words: its message, or text in its data. */
export const textOf = (reply: Reply): string => {
	if (typeof reply.data === 'string') return reply.data;
	if (typeof reply.data === 'object' && reply.data && 'text' in reply.data && typeof reply.data.text === 'string') return reply.data.text;
	return reply.message ?? '';
};

/** Prints an answer: its text, or the whole of it with --json. */
export const printReply = (invocation: Invocation, reply: Reply): number => {
	const text = textOf(reply);
	if (isSet(invocation, 'json')) invocation.print(plainJson({ok: true, text, ...(reply.data === undefined ? {} : {data: reply.data})}));
	else if (text) invocation.print(plainLines(text).replace(/\n+$/, ''));
	return EXIT.ok;
};

/** A room that has just been started answers `starting` until its Redis and its team are up. */
const STARTING_MS = 15_000;
const PAUSE_MS = 50;

/** Long enough for a busy room, short enough for a person to believe it, ms. */
const PATIENCE_MS = 15_000;

/**
 * The socket of the room that a command means: inside a pane the pane's own room (`AGENT_ROOM_SOCKET`), unless --repo names
 * another; else that of the repository around.
 */
export const socketOf = (invocation: Invocation): string => {
	const own = invocation.environment.AGENT_ROOM_SOCKET;
	return own && !textFlag(invocation, 'repo') ? own : socketPathFor(findPlace(invocation).stateFolder);
};

export const noRoom = (): CommandError => notReady('no-room', 'No room is running here.', '`agent-room` opens one.');

/** One request and its answer; one that meets a room on its way up is asked again until the room is there. `timeoutMs` 0: no limit. */
export const askSocket = async (socketPath: string, asked: Request, timeoutMs = PATIENCE_MS): Promise<Reply> => {
	const since = performance.now();
	for (;;) {
		const reply = await request(socketPath, asked, {timeoutMs});
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
		const reply = await askSocket(socketOf(invocation), asked, timeoutMs);
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

/** The ids that an action made. */
export const idsOf = (reply: Reply): readonly string[] => {
	const data: Partial<Extract<ActionResult, {ok: true}>> | undefined =
		typeof reply.data === 'object' && reply.data ? reply.data : undefined;
	return Array.isArray(data?.ids) ? data.ids.map(String) : [];
};
