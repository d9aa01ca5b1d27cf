import {randomUUID} from 'node:crypto';
import {FINAL_STATES} from '../../core/task/task.ts';
import {openCount} from '../../core/team/window.ts';
import {counted} from '../../core/text/format.ts';
import {withoutPassword} from '../../redis/address.ts';
import {beginAnew, callOffMove, hasMoved, isUsed, moveQueue, movingTo} from '../../redis/move.ts';
import {forgetEpoch} from '../../room/redis/epoch.ts';
import {forgetJournal} from '../../room/redis/journal.ts';
import {forgetTeam} from '../../room/remote/share.ts';
import {livesOf, roomName} from '../../room/team/identity.ts';
import {withStartLock} from '../client/start.ts';
import {asMember, forgetJoined, readJoined} from '../config/joined.ts';
import {findPlace} from '../config/place.ts';
import {EXIT, notReady, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {bringAll, homeText, type Open, openShared, refusalOf, refuseRunning, shareAll, teamText, withBoth} from './move.ts';
import {type Prepared, prepareRun} from './run.ts';

/** Tasks listed by name. */
const MOST_NAMED = 5;

type Both = {readonly home: Open; readonly team: Open};
type Left = {readonly isMoved: boolean; readonly text: string};

/** Others are in the team, so its queue stays there: this room leaves without it, and pushes everything that only it could continue. */
const goAlone = async (prepared: Prepared, {home, team}: Both): Promise<Left> => {
	const {place, options} = prepared;
	const {tasks, agents, counts} = (await team.redis.coordination.snapshot()).team;
	const ours = livesOf(roomName(options.stateFolder));
	const held = [...tasks.values()].filter(({state, owner}) => state === 'leased' && agents.get(owner)?.room.startsWith(ours));
	if (held.length > 0) throw refusalOf({code: 'leased', tasks: held.map(({id}) => id)}, place);
	await shareAll(prepared, await openShared(prepared), team);
	if (!(await isUsed(home.side))) {
		await forgetEpoch(options.stateFolder, home.side.namespace);
		await forgetJournal(options.stateFolder, home.side.namespace);
		await beginAnew(home.side, team.side);
	}
	const open = [...tasks.values()].filter(({state}) => !FINAL_STATES.includes(state)).map(({id}) => id);
	const count = openCount(counts);
	const named = `${open.slice(0, MOST_NAMED).join(', ')}${count > Math.min(open.length, MOST_NAMED) ? ' and more' : ''}`;
	const stays =
		count === 0 ? 'No open task is left there' : `${counted(count, 'open task')} ${count === 1 ? 'stays' : 'stay'} with it: ${named}`;
	const where = `--redis ${withoutPassword(place.redisUrl)} --namespace ${place.namespace}`;
	return {isMoved: false, text: `Left the team. ${stays}. Its tasks and history: \`agent-room tasks ${where}\`.`};
};

/** Adds a hint about rights that the user of a shared server may lack. Nothing has changed by then. */
const withHint = (error: unknown): never => {
	if (error instanceof Error && error.message.startsWith('NOPERM'))
		throw notReady(
			'forbidden',
			'The Redis user may not run `SCAN`, which finds what is to be moved back.',
			'Allow it on that server: `ACL SETUSER USER +scan`. Then run `agent-room leave` again.',
		);
	throw error;
};

/** Takes the queue back if no other room is in the team. An interrupted run resumes from where it was. */
const takeBack = async (prepared: Prepared, both: Both): Promise<Left> => {
	const {place, options} = prepared;
	const {home, team} = both;
	const isOnItsWay = (await movingTo(home.side)) !== '' && !(await hasMoved(home.side));
	if (isOnItsWay && (await callOffMove(home.side, team.side))) return {isMoved: false, text: 'The join is called off: all tasks are here.'};
	const room = roomName(options.stateFolder);
	const move = {room, newId: randomUUID};
	if (isOnItsWay) await moveQueue(home.side, team.side, {...move, to: teamText(place), merge: 'push', text: '', isNoted: true});
	// Work of other machines is only on the remote, under refs that only the team reads.
	const store = (await isUsed(team.side)) ? await openShared(prepared) : undefined;
	if (store) await bringAll(store, team);
	const text = `the queue and its history came back from ${teamText(place)}`;
	const moved = await moveQueue(team.side, home.side, {...move, to: homeText(place), merge: 'local', text, isNoted: false}).catch(withHint);
	// It all came back before; only the end of the command was lost.
	const isBack = moved.code === 'taken' && !(await isUsed(team.side));
	// Two queues are never mixed: this clone's queue stays here, and the team's with the team.
	if (moved.code === 'rooms' || (moved.code === 'taken' && !isBack)) return goAlone(prepared, both);
	if (moved.code !== 'ok' && !isBack) throw refusalOf(moved, place);
	if (store) await forgetTeam(store);
	const {counts} = (await home.redis.coordination.snapshot()).team;
	const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
	return {
		isMoved: true,
		text: `Left the team. Moved ${counted(all, 'task')} (${openCount(counts)} open) and the history back to this repository’s own Redis.`,
	};
};

/**
 * `agent-room leave`: undoes `join`. The queue comes back if no other room is in the team; else it stays there, and the command lists the open
 * tasks. After an interruption run it again.
 */
export const leave: RunCommand = async typed => {
	const place = findPlace(typed);
	const joined = readJoined(place.stateFolder);
	if (place.redisUrl === '' && !joined)
		throw notReady('not-joined', 'This repository has not joined a team.', 'Join one with `agent-room join URL`.');
	const invocation = asMember(typed, place.stateFolder);
	const prepared = await prepareRun(invocation);
	return withStartLock(place.stateFolder, async () => {
		await refuseRunning(place);
		const {isMoved, text} = await withBoth(prepared, joined?.home ?? '', both => takeBack(prepared, both));
		forgetJoined(place.stateFolder);
		invocation.print(typed.flags.json === true ? plainJson({isMoved, text}) : plainLine(text));
		return EXIT.ok;
	});
};
