import {statSync} from 'node:fs';
import {dirname} from 'node:path';
import {lineageOf} from '../../os/lineage.ts';
import {statesFolder} from '../config/place.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that only an attempt has; a room started from one does not inherit them. */
const isOfAttempt = ({AGENT_ROOM_AGENT, AGENT_ROOM_TOKEN, AGENT_ROOM_RUN}: Environment): boolean =>
	Boolean(AGENT_ROOM_AGENT || AGENT_ROOM_TOKEN || AGENT_ROOM_RUN);

const isSame = (one: string, other: string): boolean => {
	const [a, b] = [one, other].map(folder => statSync(folder, {throwIfNoEntry: false}));
	return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
};

/**
 * The environment of the attempt that this process, or an ancestor, belongs to, if its room's state is next to the user's; undefined for
 * none.
 */
export const attemptAround = (environment: Environment): Environment | undefined => {
	if (isOfAttempt(environment)) return environment;
	const ours = (state: string | undefined): boolean => state !== undefined && isSame(dirname(state), statesFolder(environment));
	const kin = lineageOf(process.pid).find(({environment: of}) => ours(of.get('AGENT_ROOM_STATE')));
	return kin && Object.fromEntries(kin.environment);
};
