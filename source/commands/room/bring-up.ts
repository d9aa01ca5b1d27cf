import {readMark} from '../../git/repository/mark.ts';
import {openRepository, resolveBase} from '../../git/repository/repository.ts';
import {isRoomAlive} from '../client/client.ts';
import {roomOptions} from '../client/options.ts';
import {type WaitingRoom, withStartLock} from '../client/start.ts';
import {configurationOf} from '../config/load.ts';
import type {Place} from '../config/place.ts';
import {askTrust} from '../config/trust.ts';
import type {Invocation} from '../parse/command.ts';

/**
 * Starts the room in its waiting process if none answers on `socketPath`; asks about trust at a terminal. Of concurrent callers one starts
 * it, the others find it.
 */
export const bringUp = async (asked: {
	readonly invocation: Invocation;
	readonly place: Place;
	readonly socketPath: string;
	readonly room: WaitingRoom;
	/** The program that the room keeps. */
	readonly program: string;
}): Promise<void> => {
	const {invocation, place, socketPath, room, program} = asked;
	try {
		const opening = openRepository(place.repository.root);
		// Read while git is asked; what is wrong with the repository is told first.
		const reading = configurationOf(invocation, place);
		reading.catch(() => undefined);
		const repository = await opening;
		let configuration = await reading;
		if (!configuration.isTrusted && (await askTrust(configuration, place.stateFolder)))
			configuration = await configurationOf(invocation, place);
		const {options} = roomOptions({
			repository,
			place,
			configuration,
			base: await resolveBase(repository, configuration.allowed.base, readMark(place.stateFolder)),
			path: invocation.environment.PATH ?? '',
			isForeground: false,
			untilEmpty: false,
			program,
		});
		await withStartLock(place.stateFolder, async () => {
			if (!(await isRoomAlive(socketPath))) await room.start(options);
		});
	} finally {
		room.dismiss();
	}
};
