import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {type Repair, repairGit} from '../../git/guardian/repair.ts';
import type {Store} from '../../git/store/store.ts';
import {isLeftLock} from '../../os/lock.ts';
import {STARTING} from '../../redis/server/server.ts';

/** Locks of the room's own state folder. */
const LOCKS = ['start.lock', join('redis', STARTING)];

/** What is damaged or left over in the state folder of a room; mends it if `mends`. What a living process uses is left alone. */
export const repairState = async (stateFolder: string, store: Store, mends: boolean): Promise<readonly Repair[]> => {
	const locks = LOCKS.map(name => join(stateFolder, name)).filter(file => existsSync(file) && isLeftLock(file, mends));
	return [...locks.map(path => ({what: 'a lock that no process holds', path})), ...(await repairGit(store, mends))];
};
