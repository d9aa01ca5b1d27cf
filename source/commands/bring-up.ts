import {openRepository, resolveBase} from '../git/repository.ts';
import {askTrust} from './ask-trust.ts';
import type {Invocation} from './command.ts';
import {configurationOf} from './configuration-of.ts';
import type {Place} from './place.ts';
import {isRoomAlive} from './room-client.ts';
import {roomOptions} from './room-options.ts';
import {withStartLock} from './start-lock.ts';
import type {WaitingRoom} from './start-room.ts';

/**
 * Starts the room of a place where none answers on `socketPath`, in the process that waits for it; a person at the terminal is asked
 * about trust. Of several callers at the same instant one starts it, the others find it.
 */
export const bringUp = async (asked: {
	readonly invocation: Invocation;
	readonly place: Place;
	readonly socketPath: string;
	readonly room: WaitingRoom;
}): Promise<void> => {
	const {invocation, place, socketPath, room} = asked;
	try {
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
			if (!(await isRoomAlive(socketPath))) await room.start(options);
		});
	} finally {
		room.dismiss();
	}
};
