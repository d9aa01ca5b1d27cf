import {join} from 'node:path';
import type {Random} from './random.ts';

/** How often something is broken, a second; all of them at random moments. */
export type Rates = {
	readonly killAgent: number;
	readonly killRoom: number;
	/** A room, or it and its agents, stopped for longer than a lease and continued. */
	readonly stopRoom: number;
	/** One agent stopped while its room lives. */
	readonly stopAgent: number;
	readonly killRedis: number;
	readonly cut: number;
	/** Answers lost, commands not. */
	readonly mute: number;
	/** Nothing passes either way. */
	readonly hang: number;
};

/** Everything that a run is made of; the same plan breaks the same things (what the machine makes of it differs). */
export type Plan = {
	/** `room`: the product's own code. `seed`: the seed's commands, taken literally. */
	readonly design: 'room' | 'seed';
	readonly folder: string;
	readonly seed: number;
	readonly tasks: number;
	/** Submissions a second, after a third of them at once. */
	readonly submitRate: number;
	readonly rooms: number;
	readonly leaseMs: number;
	/** How long an attempt takes, at least and at most; */
	readonly workMs: readonly [number, number];
	/** and so many of all attempts take one to two leases: a late result meets a successor at work. */
	readonly long: number;
	readonly rates: Rates;
	/** After so long the chaos ends, and what is left is done in peace. */
	readonly chaosMs: number;
	/** What is not done after so long in peace will never be. */
	readonly peaceMs: number;
	/** A guarantee to break in the rooms' scripts; '' for none. */
	readonly mutant: string;
};

/** Three developers, a reviewer and a guardian in every room: whatever dies, all roles lose somebody. */
export const ROLES = ['developer', 'developer', 'developer', 'code-sentinel', 'repository-guardian'] as const;

export const filesOf = (folder: string) => ({
	ledger: join(folder, 'ledger.log'),
	stream: join(folder, 'stream.jsonl'),
	repository: join(folder, 'git'),
	log: join(folder, 'rooms.log'),
	redis: join(folder, 'redis.sock'),
	proxy: (slot: number) => join(folder, `proxy-${slot}.sock`),
	scratch: join(folder, 'commits'),
});

/**
 * What a room is told at its start. Slot 0 is the one that submits; in the seed's design the last one watches. A life under the name of an
 * earlier one is the same room again; under another it is a new one, and nobody comes back for what the old one held.
 */
export type Post = {readonly plan: Plan; readonly slot: number; readonly name: string; readonly life: number};

/** How long the next attempt takes, ms. Reviews and landings, of which fewer agents do as many, are seldom long. */
export const workOf = ({workMs, long, leaseMs}: Plan, random: Random, stage = 'develop'): number =>
	random.next() < (stage === 'develop' ? long : long / 3) ? random.between(1, 2) * leaseMs : random.between(...workMs);

/**
 * Ids say what must become of a task: `x-` fails whatever is tried and must end among the dead letters, `c-` is cancelled some time after its
 * submission (it may be merged before), all others must be merged.
 */
export const idOf = (number: number): string => {
	const kind = number % 100 === 7 ? 'x' : number % 100 === 53 ? 'c' : 's';
	return `${kind}-${String(number).padStart(6, '0')}`;
};

/** The task that another comes after: one in seven waits for one submitted shortly before. */
export const afterOf = (number: number): readonly string[] => {
	const before = number - (number % 14 === 6 ? 3 : 25);
	return number % 7 === 6 && before >= 0 && idOf(before).startsWith('s') ? [idOf(before)] : [];
};
