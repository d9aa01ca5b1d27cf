import type {Rooms} from '../../core/team/rooms.ts';
import {LeadLost} from '../../redis/errors.ts';
import {asLeader} from '../../redis/leading.ts';
import type {Leadership} from '../parts/leadership.ts';

/** A look later than this was late: this room was stopped, or Redis was away, and no leader could renew, ms. */
const LATE_MS = 3000;
/** How often a room that does not lead checks whether it must, ms. */
const LOOK_MS = 500;

export type Lead = Leadership & {
	/** Renews the lead, or takes it if it is free or its holder has not renewed for a whole lease. Resolves with whether the leader has changed. */
	look(): Promise<boolean>;
	/** Gives it up for now: another room leads at once, and this one again when it looks and nobody does. Never throws. */
	stepAside(): Promise<void>;
	/** Gives it up for good: another room leads at once. Never throws; if that cannot be written, the room is replaced once its lease is over. */
	resign(): Promise<void>;
	/** When to look next, ms. */
	readonly nextMs: () => number;
};

/**
 * The lead of a team as seen by one of its rooms. Guarantee: a leader that is gone is replaced within its lease plus two seconds. The others see
 * each renewal within half a second, and take over once they have seen none for a whole lease by their own monotonic clock.
 */
export const createLead = (
	coordination: Pick<Rooms, 'leadTeam' | 'resignLead'>,
	{
		life,
		leaseMs,
		newNonce,
		now = () => performance.now(),
	}: {
		readonly life: string;
		readonly leaseMs: number;
		readonly newNonce: () => string;
		readonly now?: () => number;
	},
): Lead => {
	let token = '';
	let room = '';
	let goodUntil = Number.NEGATIVE_INFINITY;
	let lookedAt = Number.NEGATIVE_INFINITY;
	let hasResigned = false;
	let watched: {readonly stands: string; readonly since: number} | undefined;
	const isOurs = (): boolean => token !== '' && now() < goodUntil;
	const stepAside = async (): Promise<void> => {
		const given = token;
		token = '';
		if (given !== '') await coordination.resignLead(life, given).catch(() => undefined);
	};
	return {
		isOurs,
		room: () => room,
		token: () => (isOurs() ? token : ''),
		as: write => (isOurs() ? asLeader(token, write) : Promise.reject(new LeadLost())),
		nextMs: () => Math.max(50, Math.floor(token === '' ? Math.min(LOOK_MS, leaseMs / 4) : leaseMs / 3)),
		stepAside,
		async resign() {
			hasResigned = true;
			await stepAside();
		},
		async look() {
			if (hasResigned) return false;
			const askedAt = now();
			if (askedAt - lookedAt > LATE_MS) watched = undefined;
			lookedAt = askedAt;
			const seen = watched && askedAt - watched.since >= leaseMs ? watched.stands : '';
			const before = room;
			const answer = await coordination.leadTeam(life, {token, nonce: newNonce(), seen});
			// Requested before the resignation: what was granted meanwhile is given up too.
			if (hasResigned) {
				if (answer.code === 'ok') await coordination.resignLead(life, answer.token);
				return false;
			}
			if (answer.code === 'ok') {
				({token} = answer);
				goodUntil = askedAt + leaseMs;
				room = life;
				watched = undefined;
			} else {
				token = '';
				room = answer.code === 'other' ? answer.room : '';
				if (answer.code === 'gone') watched = undefined;
				else if (watched?.stands !== answer.stands) watched = {stands: answer.stands, since: now()};
			}
			return room !== before;
		},
	};
};

/** Maintains the lead for the life of a room. `onChange`: the leader has changed, or is first known. Returns the function that stops it. */
export const keepLead = (
	lead: Lead,
	{
		mayLook,
		isAside,
		onChange,
		log,
	}: {
		readonly mayLook: () => boolean;
		/** Whether another room should lead rather than this one. */
		readonly isAside: () => Promise<boolean>;
		readonly onChange: () => void;
		readonly log: (line: string) => void;
	},
): (() => void) => {
	let isStopped = false;
	let timer: NodeJS.Timeout | undefined;
	const run = async (): Promise<void> => {
		try {
			if (mayLook()) {
				if (await isAside()) await lead.stepAside();
				else if (await lead.look()) onChange();
			}
		} catch (error) {
			log(`the lead: ${error instanceof Error ? error.message : String(error)}`);
		}
		if (!isStopped) timer = setTimeout(() => void run(), lead.nextMs());
	};
	void run();
	return () => {
		isStopped = true;
		clearTimeout(timer);
	};
};
