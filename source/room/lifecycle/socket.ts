import type {Socket} from 'node:net';
import {join} from 'node:path';
import type {Principal} from '../../core/authority/principal.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {socketPathFor} from '../../socket/path.ts';
import {type Caller, createChallenges} from '../../socket/proof.ts';
import {type AttachRequest, type SocketServer, serveSocket} from '../../socket/server.ts';
import type {Terminals} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';
import {type AttemptSockets, createAttemptSockets} from '../requests/attempt-sockets.ts';
import {principalOf} from '../requests/caller.ts';
import {answer, refuseRequest} from '../requests/requests.ts';
import {type FolderHold, holdFolder} from './hold.ts';

/** The sockets of a room: the user's, and those of its attempts; and its hold on the state folder. */
export type Sockets = {readonly person: SocketServer; readonly attempts: AttemptSockets; readonly hold: FolderHold};

const STARTING = {ok: false, code: 'starting', message: 'The room is starting.', hint: 'Try again in a moment.'} as const;

/**
 * Opens the sockets of a room. The user's comes first: its holder is the room of this state folder (`holdFolder`), so what an earlier life left is
 * certainly ended. Refuses with `RoomRefused` if a room without a socket holds the folder.
 * Until `started` returns a room, callers are told that it is starting.
 */
export const openSockets = async (stateFolder: string, terminals: Terminals, started: () => Room | undefined): Promise<Sockets> => {
	const ask = (principal: Principal, request: Request, reply: (reply: Reply) => void, connection: Socket): void => {
		const room = started();
		if (room)
			void answer(room, principal, request, {
				reply,
				// A caller that disconnected while its request was read sends no further `close`.
				onClose: listener => void (connection.destroyed ? listener() : connection.once('close', listener)),
			});
		else reply(STARTING);
	};
	const attach = (principal: Principal, connection: Socket, request: AttachRequest): void => {
		const room = started();
		const refused = room
			? refuseRequest(room, principal, request)
			: {ok: false, code: 'starting', message: 'The room is starting. Try again in a moment.'};
		if (refused || !room || principal.kind !== 'person') {
			connection.end(`${JSON.stringify(refused)}\n`);
			return;
		}
		const {record} = room;
		const {way} = principal;
		terminals.attach(connection, request, {...record, dispatch: action => record.dispatch(action, way)}, record.touch);
	};
	const callerOf = (caller: Caller, terminal = 0): Principal => {
		const room = started();
		return room ? principalOf(room, caller, terminal) : {kind: 'external'};
	};
	/** Terminals attached so far; each has its number in the record. */
	let terminalsSoFar = 0;
	const person = await serveSocket({
		path: socketPathFor(stateFolder),
		challenge: createChallenges(join(stateFolder, 'callers')),
		onRequest: (request, reply, connection, caller) => ask(callerOf(caller), request, reply, connection),
		onAttach: (connection, request, caller) => attach(callerOf(caller, ++terminalsSoFar), connection, request),
	});
	let hold: FolderHold;
	try {
		hold = holdFolder(stateFolder);
	} catch (error) {
		await person.close();
		throw error;
	}
	const attempts = await createAttemptSockets(stateFolder, {
		onRequest: (speaker, request, reply, connection) => ask({kind: 'agent', ...speaker}, request, reply, connection),
		onAttach: (speaker, connection, request) => attach({kind: 'agent', ...speaker}, connection, request),
	});
	return {person, attempts, hold};
};

/** How often the room's own files are looked at, ms. An event would not tell that a folder above was moved or unmounted. */
const LOOK_MS = 1000;

/**
 * Keeps a running room reachable, also without Redis: a removed socket is opened again. Without its state folder no command and no agent can reach the
 * room, and nothing would be saved: `onLost` is told why, once. Returns how to end this.
 */
export const keepReachable = (
	{person, hold}: Pick<Sockets, 'person' | 'hold'>,
	{log, onLost}: {readonly log: (line: string) => void; readonly onLost: (reason: string) => void},
): (() => void) => {
	let said = '';
	const look = async (): Promise<void> => {
		try {
			const lost = hold.look();
			if (lost !== '') {
				clearInterval(timer);
				onLost(lost);
			} else if (await person.keep()) log(`the room's socket was removed, and opened again: ${person.path}`);
			said = '';
		} catch (error) {
			const text = `the room's socket: ${error instanceof Error ? error.message : String(error)}`;
			if (text !== said) log(text);
			said = text;
		}
	};
	const timer = setInterval(() => void look(), LOOK_MS);
	return () => clearInterval(timer);
};
