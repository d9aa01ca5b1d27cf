import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type Repair, repairGit} from '../../git/guardian/repair.ts';
import {freeRepositoryLock} from '../../git/lock/lock-file.ts';
import type {Store} from '../../git/store/store.ts';
import {isLeftLock} from '../../os/lock.ts';
import {STARTING} from '../../redis/server/server.ts';

/** Locks of the room's own state folder. */
const LOCKS = ['start.lock', join('redis', STARTING)];

/** The room's own git folders: only it and its programs take their locks. */
const STORES = ['guardian.git', 'trees.git'];

/**
 * Frees what an earlier life of this room in another container has locked in its state folder; the folders that were. `socketPath`: the room's socket, which is
 * ours. One that lies in the state folder is one for all containers that share that folder, and a living room there would answer on it.
 */
export const freeEarlierLocks = (stateFolder: string, socketPath: string): readonly string[] =>
	dirname(socketPath) === stateFolder ? STORES.map(name => join(stateFolder, name)).filter(freeRepositoryLock) : [];

/** What is damaged or left over in the state folder of a room; mends it if `mends`. What a living process uses is left alone. */
export const repairState = async (stateFolder: string, store: Store, mends: boolean): Promise<readonly Repair[]> => {
	const locks = LOCKS.map(name => join(stateFolder, name)).filter(file => existsSync(file) && isLeftLock(file, mends));
	return [...locks.map(path => ({what: 'a lock that no process holds', path})), ...(await repairGit(store, mends))];
};
