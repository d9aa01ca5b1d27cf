import {resolve} from 'node:path';
import {runTerminalEnd} from '../attach/terminal-end.ts';
import {socketPathFor} from '../socket/socket-path.ts';
import {type Invocation, isSet, type RunCommand, textFlag} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {displayEnvironment, hasScreen} from './display-flags.ts';
import {EXIT} from './exit-code.ts';
import {isFirstRun} from './first-run.ts';
import {findPlace, type Place} from './place.ts';
import {isRoomAlive} from './room-client.ts';

/** The place, found without a process; where that finds none, git says in its own words why not (a bare repository, another's). */
const placeOf = async (invocation: Invocation): Promise<Place> => {
	try {
		return findPlace(invocation);
	} catch (error) {
		const {openRepository} = await import('../git/repository.ts');
		await openRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
		throw error;
	}
};

/**
 * `agent-room`: opens the room of this repository or comes back to it; without a terminal that a screen can be
 * drawn on (none, `CI`, TERM=dumb) it prints the status table. A room that
 * runs is joined with one request; what starting one needs is loaded only where none does.
 */
export const open: RunCommand = async invocation => {
	const environment = displayEnvironment(invocation);
	const isTerminal = process.stdout.isTTY && process.stdin.isTTY;
	if (!hasScreen(environment, isTerminal) || isSet(invocation, 'json')) return (await import('./status.ts')).status(invocation);
	const place = await placeOf(invocation);
	const socketPath = socketPathFor(place.stateFolder);
	if (invocation.environment.AGENT_ROOM_SOCKET === socketPath) {
		throw wrongUsage('This is a pane of the room already.', 'Open it from a terminal outside of it.');
	}
	let typed = '';
	if (!(await isRoomAlive(socketPath))) {
		const wish = isFirstRun(invocation, place) ? await (await import('./ready.ts')).ready(invocation, place) : 'open';
		if (wish === 'leave') return EXIT.ok;
		if (wish === 'demo') return (await import('./run-demo.ts')).demo({...invocation, flags: {}});
		if (wish === 'new-task') typed = 'n';
		// The room's process begins to load before this one loads all that it takes to say what room it shall be.
		const {prepareRoomProcess} = await import('./start-room.ts');
		const room = prepareRoomProcess({stateFolder: place.stateFolder, root: place.repository.root}, invocation.environment);
		await (await import('./bring-up.ts')).bringUp({invocation, place, socketPath, room});
	}
	return runTerminalEnd({socketPath, environment, typed});
};
