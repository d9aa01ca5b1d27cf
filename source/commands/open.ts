import {resolve} from 'node:path';
import {runTerminalEnd} from '../attach/terminal-end.ts';
import {openRepository, resolveBase} from '../git/repository.ts';
import {socketPathFor} from '../socket/socket-path.ts';
import {askTrust} from './ask-trust.ts';
import {type Invocation, isSet, type RunCommand, textFlag} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {configurationOf} from './configuration-of.ts';
import {findPlace, type Place} from './place.ts';
import {isRoomAlive} from './room-client.ts';
import {roomOptions} from './room-options.ts';
import {withStartLock} from './start-lock.ts';
import {startRoomProcess} from './start-room.ts';

/**
 * Makes sure that a room runs: finds the live one or starts it. Of several callers at the same instant one starts it, the others
 * find it. `canAsk`: there is a person to ask about trust.
 */
export const ensureRoom = async (invocation: Invocation, place: Place, canAsk: boolean): Promise<string> => {
	const socketPath = socketPathFor(place.stateFolder);
	if (await isRoomAlive(socketPath)) return socketPath;
	const repository = await openRepository(place.repository.root);
	let configuration = configurationOf(invocation, place);
	if (!configuration.isTrusted && canAsk && (await askTrust(configuration, place.stateFolder)))
		configuration = configurationOf(invocation, place);
	const {options, note} = roomOptions({
		repository,
		place,
		configuration,
		base: await resolveBase(repository, configuration.allowed.base),
		path: invocation.environment.PATH ?? '',
		isForeground: false,
		untilEmpty: false,
	});
	if (note) invocation.note(note);
	await withStartLock(place.stateFolder, async () => {
		if (!(await isRoomAlive(socketPath))) await startRoomProcess(options, invocation.environment);
	});
	return socketPath;
};

/** `agent-room`: opens the room of this repository or comes back to it; without a terminal it prints the status table. */
export const open: RunCommand = async invocation => {
	if (!process.stdout.isTTY || !process.stdin.isTTY || isSet(invocation, 'json')) return (await import('./status.ts')).status(invocation);
	const repository = await openRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const place = findPlace({...invocation, flags: {...invocation.flags, repo: repository.root}});
	if (invocation.environment.AGENT_ROOM_SOCKET === socketPathFor(place.stateFolder)) {
		throw wrongUsage('This is a pane of the room already.', 'Open it from a terminal outside of it.');
	}
	return runTerminalEnd({socketPath: await ensureRoom(invocation, place, true)});
};
