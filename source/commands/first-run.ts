import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {type Invocation, textFlag} from './command.ts';
import type {Place} from './place.ts';

/**
 * Whether nobody has said yet how agents work here: there was never a room, and there is no configuration of the repository or of the person.
 * Looks for files only, since a room that can be opened is not to wait for it.
 */
export const isFirstRun = (invocation: Invocation, {stateFolder, repository}: Place): boolean => {
	const {environment} = invocation;
	if (existsSync(join(stateFolder, 'room.json')) || textFlag(invocation, 'config') || environment.AGENT_ROOM_CONFIG) return false;
	const own = join(environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config'), 'agent-room', 'config.yaml');
	return !existsSync(join(repository.root, 'agent-room.yaml')) && !existsSync(own);
};
