import {dirname} from 'node:path';
import {commandName, type Principal, type Way} from '../../core/authority/principal.ts';
import {type Kin, lineageOf} from '../../os/lineage.ts';
import type {Caller} from '../../socket/proof.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Facts, Room} from '../parts/parts.ts';
import {attemptMark, STATE_MARK} from '../prepare/environment.ts';

/** What is needed to tell which processes belong to the room. */
type Sources = Pick<Room, 'slots'> & {readonly facts: {readonly options: Pick<Facts['options'], 'stateFolder'>}};

/** The room's own work has no process, and a session whose leader this namespace does not see is 0 too. */
const isIn = (attempt: Pick<Attempt, 'pid'>, {pid, session}: Pick<Kin, 'pid' | 'session'>): boolean =>
	attempt.pid > 0 && (attempt.pid === pid || attempt.pid === session);

/**
 * Whether a process belongs to an agent of the user's rooms: it is in an attempt's session, or was started with the mark of a room whose state is
 * next to ours. A room that an agent runs for itself elsewhere has its own folders: there that agent is the user.
 */
const isOfAgent = ({facts}: Sources, {environment, pid, session}: Kin, attempts: readonly Attempt[]): boolean => {
	const mark = environment.get(STATE_MARK);
	if (mark !== undefined && dirname(mark) === dirname(facts.options.stateFolder)) return true;
	return attempts.some(attempt => isIn(attempt, {pid, session}));
};

/** The attempt of this room that a line of processes belongs to; undefined if it is of another room or of no running attempt. */
const attemptOf = (kin: readonly Kin[], attempts: readonly Attempt[]): Attempt | undefined =>
	attempts.find(({pid, token}) => {
		const [name, value] = attemptMark(token);
		return kin.some(row => isIn({pid}, row) || row.environment.get(name) === value);
	});

/**
 * Who calls on the user's socket. Guarantee, where /proc can be read: a process that descends from an agent's is no human, whatever its session or
 * environment; nor is one that does not prove which process it is. A process that an agent fully detached (parent, session and environment all shed)
 * is not recognized: the sandbox, which hides this socket, stops that. On macOS, and where /proc is hidden, callers cannot be told from the user
 * here; only the command line refuses an agent there.
 */
export const principalOf = (room: Sources, caller: Caller, terminal: number): Principal => {
	if (caller.kind === 'unproven') return {kind: 'external'};
	const way: Way = terminal > 0 ? {by: 'terminal', terminal} : {by: 'command', command: commandName(caller.command), pid: caller.pid};
	if (caller.kind === 'told') return {kind: 'person', way};
	const kin = lineageOf(caller.pid);
	const attempts = room.slots.attempts();
	if (!kin.some(row => isOfAgent(room, row, attempts))) return {kind: 'person', way};
	return {kind: 'intruder', agent: attemptOf(kin, attempts)?.agent.id ?? '', pid: caller.pid};
};
