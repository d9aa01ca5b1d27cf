import {openRepository, resolveBase} from '../git/repository.ts';
import {askTrust} from './ask-trust.ts';
import type {Invocation} from './command.ts';
import {configurationOf} from './configuration-of.ts';
import type {Place} from './place.ts';
import {isRoomAlive} from './room-client.ts';
import {roomOptions} from './room-options.ts';
import {withStartLock} from './start-lock.ts';
import {startRoomProcess} from './start-room.ts';

/**
 * Starts the room of a place where none answers on `socketPath`; a person at the terminal is asked about trust. Of several callers at
 * the same instant one starts it, the others find it.
 */
export const bringUp = async (invocation: Invocation, place: Place, socketPath: string): Promise<void> => {
	const repository = await openRepository(place.repository.root);
	let configuration = configurationOf(invocation, place);
	if (!configuration.isTrusted && (await askTrust(configuration, place.stateFolder))) configuration = configurationOf(invocation, place);
	const {options} = roomOptions({
		repository,
		place,
		configuration,
		base: await resolveBase(repository, configuration.allowed.base),
		path: invocation.environment.PATH ?? '',
		isForeground: false,
		untilEmpty: false,
	});
	await withStartLock(place.stateFolder, async () => {
		if (!(await isRoomAlive(socketPath))) await startRoomProcess(options, invocation.environment);
	});
};
