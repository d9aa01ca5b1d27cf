import {lockLabel, tellLockRefusal} from '../../core/lock/lock.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {ok, refuse, STALE} from '../parts/replies.ts';

/** A waiting request is repeated at least this often, ms: finds a grant whose event was missed. */
const AGAIN_MS = 2000;
/** A lock ends with its attempt. By itself it expires only long after that, pauses included, ms. */
const PAUSED_MS = 86_400_000;
const PATH_LIMIT = 200;

/** Resolves once the room's state shows the lock as the agent's, the client has disconnected, or `ms` have passed. */
const news = (
	{record}: Pick<Room, 'record'>,
	name: string,
	agent: string,
	ms: number,
	onHangUp: (listener: () => void) => void,
): Promise<void> =>
	new Promise(resolve => {
		const finish = (): void => {
			clearTimeout(timer);
			stop();
			resolve();
		};
		const timer = setTimeout(finish, ms);
		const stop = record.subscribe(() => record.team().locks.get(name)?.owner === agent && finish());
		onHangUp(finish);
	});

const nameOf = (path: string): string | undefined =>
	path.trim() !== '' && cleanText(path, PATH_LIMIT) === path ? `path:${path}` : undefined;
const NOT_A_PATH = refuse(
	'bad-request',
	`A lock path has at most ${PATH_LIMIT} printable characters.`,
	'Example: `src/db/**`, from the root of the repository.',
);

/** Releases a path lock of an attempt, or leaves its queue. */
export const unlockPath = async ({link}: Pick<Room, 'link'>, attempt: Attempt, path: string): Promise<Reply> => {
	const name = nameOf(path);
	if (name === undefined) return NOT_A_PATH;
	const written = await link.coordination.unlock({name, token: attempt.token});
	return written === 'ok' ? ok : refuse('gone', `You do not hold the lock \`${path}\`.`);
};

/**
 * Takes a path lock for an attempt and answers once: granted, or refused in words. With `waitMs` it queues for that long, and leaves the queue when
 * the client disconnects. Redis decides; the room only asks again.
 */
export const lockPath = async (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	attempt: Attempt,
	{path, waitMs}: {readonly path: string; readonly waitMs: number},
	reply: (reply: Reply) => void,
	onClose: (listener: () => void) => void,
): Promise<void> => {
	const name = nameOf(path);
	if (name === undefined) {
		reply(NOT_A_PATH);
		return;
	}
	const {agent, token} = attempt;
	let hasHungUp = false;
	let onHangUp = (): void => {};
	onClose(() => {
		hasHungUp = true;
		onHangUp();
	});
	const deadline = performance.now() + waitMs;
	for (;;) {
		const left = Math.max(0, Math.ceil(deadline - performance.now()));
		const ask = () =>
			room.link.coordination.lock({name, owner: agent.id, token, ttlMs: room.facts.config.timeout + PAUSED_MS, waitMs: left});
		// A queued request keeps its place while Redis is away.
		const answer = await (left > 0 ? room.link.retryUntilWritten(ask) : ask());
		// The end of an attempt releases its locks and its places in queues; a request sent just before came too late for that.
		if (attempt.isEnding || (hasHungUp && waitMs > 0)) {
			await room.link.retryUntilWritten(() => room.link.coordination.unlock({name, token}));
			reply(STALE);
			return;
		}
		if (answer.code === 'ok') {
			reply({ok: true, code: 'ok', message: `locked ${lockLabel(name)}`, data: {until: answer.until, fence: answer.fence}});
			return;
		}
		const words = tellLockRefusal(name, answer, room.record.serverNow());
		if (answer.code !== 'waiting') {
			const hint =
				answer.code === 'held'
					? 'Work on something else first, or wait: `agent-room report lock PATH --wait 10m`.'
					: answer.code === 'deadlock'
						? 'Release your locks (`agent-room report unlock PATH`), then try again.'
						: '';
			const code = answer.code === 'stale' && answer.reason === 'unlocked' ? 'unlocked' : answer.code;
			reply(refuse(code, waitMs > 0 && code === 'held' ? `${words} The wait is over.` : words, hint));
			return;
		}
		await news(room, name, agent.id, Math.min(AGAIN_MS, left), listener => {
			onHangUp = listener;
		});
	}
};
