import {randomUUID} from 'node:crypto';
import type {Guardian} from '../../git/guardian/guardian.ts';
import {pushedTo} from '../../git/remote/remote.ts';
import {hasMark, pushMark} from '../../git/remote/shared.ts';
import {hasRemote} from '../../git/store/store.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {type RoomRedis, RoomRefused} from '../redis/redis.ts';

/**
 * Makes sure that the remote here is the team's, and takes pushes: the first room marks it, later ones look for that mark. Addresses of one remote
 * differ, and copies of one repository are equal, so neither is compared. A remote without the mark is marked again if no other room is there: the
 * team's may have moved. One that is away is trusted. @throws RoomRefused; nothing has joined then.
 */
export const checkSameRemote = async (
	{connection, coordination}: Pick<RoomRedis, 'connection' | 'coordination'>,
	{store}: Pick<Guardian, 'store'>,
	{namespace, room}: {readonly namespace: string; readonly room: string},
): Promise<void> => {
	if (!hasRemote(store) || store.remote.shared === '') return;
	const key = `${namespace}:meta`;
	const known = async (): Promise<string> => String((await connection.call('HGET', key, 'remoteMark')) ?? '').replace(/[^\w-]/g, '');
	const name = `\`${cleanText(pushedTo(store.remote), 60)}\``;
	const push = async (id: string): Promise<void> => {
		const pushed = await pushMark(store, id);
		if (pushed.kind === 'refused')
			throw new RoomRefused(
				'remote',
				`${name} does not take pushes from here: ${pushed.reason}.`,
				'Every room of a team pushes the work of its agents there, below `refs/agent-room/`.',
			);
	};
	const before = await known();
	const first = before || randomUUID();
	const isThere = await hasMark(store, first);
	if (isThere === undefined) return;
	if (before === '') {
		await push(first);
		await connection.call('HSETNX', key, 'remoteMark', first);
		const now = await known();
		if (now === first || (await hasMark(store, now)) !== false) return;
	} else if (isThere) return push(first);
	const others = (await coordination.rooms()).rooms.filter(card => card.room !== room && card.endedAt === 0 && card.beat > 0);
	const [other] = others;
	if (other)
		throw new RoomRefused(
			'remote',
			`${name} here is not the remote that this team shares: what \`${cleanText(other.host, 60)}\` pushes does not arrive there.`,
			`Use its address: \`git remote set-url ${cleanText(pushedTo(store.remote), 60)} URL\`. Compare \`git remote get-url\` on both.`,
		);
	await push(await known());
};
