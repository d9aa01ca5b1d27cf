import {dirname} from 'node:path';
import {commandName, type Principal, type Way} from '../../core/authority/principal.ts';
import {type Kin, lineageOf} from '../../os/lineage.ts';
import type {Caller} from '../../socket/proof.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Facts, Room} from '../parts/parts.ts';
import {attemptMark, STATE_MARK} from '../prepare/environment.ts';

/** What of the room says who belongs to it. */
type Sources = Pick<Room, 'slots'> & {readonly facts: {readonly options: Pick<Facts['options'], 'stateFolder'>}};

/**
 * Whether a process belongs to an agent of the user's rooms: it is of an attempt's session, or it was started with the mark of a room whose
 * state lies next to ours. A room that an agent runs for itself, elsewhere, has folders of its own: there that agent is the user.
 */
const isOfAgent = ({facts}: Sources, {environment, pid, session}: Kin, attempts: readonly Attempt[]): boolean => {
	const mark = environment.get(STATE_MARK);
	if (mark !== undefined && dirname(mark) === dirname(facts.options.stateFolder)) return true;
	return attempts.some(attempt => attempt.pid === pid || attempt.pid === session);
};

/** Which attempt of this room a line of processes belongs to; undefined if it is of another room, or of none that runs. */
const attemptOf = (kin: readonly Kin[], attempts: readonly Attempt[]): Attempt | undefined =>
	attempts.find(({pid, token}) => {
		const [name, value] = attemptMark(token);
		return kin.some(row => row.pid === pid || row.session === pid || row.environment.get(name) === value);
	});

/**
 * Who asks by the user's socket. Guarantee, where /proc can be read: a process that descends from an agent's, in whatever session, with
 * whatever environment, is no person; nor is one that does not prove which process it is. What an agent has cut loose from itself (parent,
 * session and environment all shed) is not recognised: the sandbox, in which this socket is not to be found, is what stops that. On macOS,
 * and where /proc is hidden, nobody can be told from the user here; the command line alone refuses an agent there.
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
