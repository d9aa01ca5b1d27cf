import {randomUUID} from 'node:crypto';
import {openCount} from '../../core/team/window.ts';
import {counted} from '../../core/text/format.ts';
import {withoutPassword} from '../../redis/address.ts';
import {hasMoved, isUsed, moveQueue, movingTo} from '../../redis/move.ts';
import {roomName} from '../../room/team/identity.ts';
import {withStartLock} from '../client/start.ts';
import {readJoined, writeJoined} from '../config/joined.ts';
import {findPlace} from '../config/place.ts';
import {argument, EXIT, type Invocation, notReady, type RunCommand, wrongUsage} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {homeText, type Open, openShared, refusalOf, refuseRunning, shareAll, teamText, withBoth} from './move.ts';
import {type Prepared, prepareRun} from './run.ts';

/** Moves the queue of this clone's own Redis, if there is one. */
const moveThere = async (prepared: Prepared, {home, team}: {readonly home: Open; readonly team: Open}): Promise<boolean> => {
	const {place, options} = prepared;
	const isMarked = (await movingTo(home.side)) !== '';
	const isThere = readJoined(options.stateFolder) !== undefined && (await hasMoved(home.side));
	if (isThere || (!isMarked && !(await isUsed(home.side)))) return false;
	const store = await openShared(prepared);
	await shareAll(prepared, store, home);
	const moved = await moveQueue(home.side, team.side, {
		...{room: roomName(options.stateFolder), newId: randomUUID, to: teamText(place), merge: 'push', isNoted: true},
		text: `the queue and its history came from ${homeText(place)}`,
	});
	if (moved.code !== 'ok') throw refusalOf(moved, place);
	return true;
};

/**
 * `agent-room join`: adds this repository's room to a team. Its queue and history move there, or the command says why not, with nothing changed.
 * After an interruption run it again.
 */
export const join: RunCommand = async typed => {
	const url = argument(typed);
	const invocation: Invocation = url === '' ? typed : {...typed, flags: {...typed.flags, redis: url}};
	const place = findPlace(invocation);
	if (place.redisUrl === '')
		throw wrongUsage('Missing the URL of the team’s Redis.', 'Example: agent-room join rediss://user@redis.example:6380');
	const joined = readJoined(place.stateFolder);
	const redis = withoutPassword(place.redisUrl);
	if (joined && (joined.redis !== redis || joined.namespace !== place.namespace))
		throw notReady(
			'joined',
			`This repository is in the team at ${teamText({redisUrl: joined.redis, namespace: joined.namespace})}.`,
			'Leave it first with `agent-room leave`.',
		);
	const prepared = await prepareRun(invocation);
	if (prepared.options.config.merge === 'local')
		throw notReady(
			'local',
			'`merge: local` in agent-room.yaml keeps merges in this clone, so no other machine could build on them.',
			'Remove that line, or write `merge: push`.',
		);
	return withStartLock(place.stateFolder, async () => {
		await refuseRunning(place);
		return withBoth(prepared, '', async both => {
			const isMoved = await moveThere(prepared, both);
			if (!isMoved) await openShared(prepared);
			writeJoined(place.stateFolder, invocation, {redis, namespace: place.namespace, home: both.home.side.namespace});
			const {counts} = (await both.team.redis.coordination.snapshot()).team;
			const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
			const text = isMoved
				? `Moved ${counted(all, 'task')} (${openCount(counts)} open) and the history to ${teamText(place)}.`
				: `Joined the team at ${teamText(place)}; there was nothing to move.`;
			invocation.print(
				typed.flags.json === true
					? plainJson({isMoved, redis, namespace: place.namespace, tasks: all, open: openCount(counts)})
					: plainLine(text),
			);
			if (typed.flags.json !== true)
				invocation.print('`agent-room` opens this repository there from now on; `agent-room leave` is the way back.');
			return EXIT.ok;
		});
	});
};
