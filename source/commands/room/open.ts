import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {runTerminalEnd} from '../../attach/terminal-end.ts';
import {startTimeOf} from '../../os/process-identity.ts';
import {socketPathFor} from '../../socket/path.ts';
import {printReply} from '../client/answers.ts';
import {ask, isRoomAlive} from '../client/client.ts';
import {findMovedRoom, findPlace, type Place} from '../config/place.ts';
import {CommandError, EXIT, type Invocation, isSet, packageRoot, type RunCommand, textFlag} from '../parse/command.ts';
import {displayEnvironment, hasScreen} from '../parse/display-flags.ts';

/**
 * Whether the start page comes first: there was never a room, and there is no configuration, or one with which nothing could merge. Mostly looks
 * only for files, so that opening a room does not wait.
 */
const isFirstRun = async (invocation: Invocation, place: Place): Promise<boolean> => {
	const {environment} = invocation;
	const {stateFolder, repository} = place;
	if (existsSync(join(stateFolder, 'room.json')) || textFlag(invocation, 'config') || environment.AGENT_ROOM_CONFIG) return false;
	const own = join(environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config'), 'agent-room', 'config.yaml');
	if (!existsSync(join(repository.root, 'agent-room.yaml')) && !existsSync(own)) return true;
	return (await import('./what-starts.ts')).isUseless(invocation, place);
};

/** The place, found without a process; if that fails, git says why (a bare repository, another user's). */
const placeOf = async (invocation: Invocation): Promise<Place> => {
	try {
		return findPlace(invocation);
	} catch (error) {
		const moved = error instanceof CommandError && error.code === 'moved' ? findMovedRoom(invocation) : undefined;
		if (moved) {
			await (await import('../config/moved.ts')).askMoved(invocation, moved);
			return findPlace(invocation);
		}
		const {openRepository} = await import('../../git/repository/repository.ts');
		await openRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
		throw error;
	}
};

/**
 * `agent-room`: opens or joins the repository's room; without a usable terminal (none, `CI`, TERM=dumb) it prints the status table. Joining
 * costs one request; what starting needs is loaded on demand.
 */
export const open: RunCommand = async invocation => {
	const environment = displayEnvironment(invocation);
	const isTerminal = process.stdout.isTTY && process.stdin.isTTY;
	if (!hasScreen(environment, isTerminal) || isSet(invocation, 'json')) return (await import('../show/status.ts')).status(invocation);
	const place = await placeOf(invocation);
	const socketPath = socketPathFor(place.stateFolder);
	let typed = '';
	if (!(await isRoomAlive(socketPath))) {
		const wish = (await isFirstRun(invocation, place)) ? await (await import('./ready.ts')).ready(invocation, place) : 'open';
		if (wish === 'leave') return EXIT.ok;
		if (wish === 'demo') return (await import('./demo.ts')).demo({...invocation, flags: {}});
		if (wish === 'new-task') typed = 'n';
		// Starts loading the room's process before this one determines its options.
		const [{prepareRoomProcess}, {keepProgram}] = await Promise.all([import('../client/start.ts'), import('../../os/kept-program.ts')]);
		const program = await keepProgram(packageRoot(), dirname(place.stateFolder));
		const room = prepareRoomProcess({stateFolder: place.stateFolder, root: place.repository.root, program}, invocation.environment);
		await (await import('./bring-up.ts')).bringUp({invocation, place, socketPath, room, program});
	}
	return runTerminalEnd({socketPath, environment, typed});
};

/** Time limit of a stop, ms. The room bounds the end of agents itself; this is for one that hangs. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/** `agent-room stop`: stops the room cleanly and returns once its process is gone. */
export const stop: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'ping'});
	const pid = typeof data === 'object' && data && 'pid' in data ? Number(data.pid) : 0;
	const start = startTimeOf(pid);
	const reply = await ask(invocation, {op: 'dispatch', action: {type: 'stop-room'}});
	for (const since = performance.now(); start !== '' && startTimeOf(pid) === start; await delay(PAUSE_MS)) {
		if (performance.now() - since > PATIENCE_MS)
			throw new CommandError('hangs', `The room (process ${pid}) is still stopping.`, `kill ${pid}`);
	}
	return printReply(invocation, {...reply, message: 'The room has stopped; all work is saved.'});
};
