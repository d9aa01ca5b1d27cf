import type {Config} from './config.ts';

/** When a changed key takes effect in a running room: at once, in terminals that attach later, or in the next room. */
type When = 'now' | 'attach' | 'restart';

const WHEN: Readonly<Record<keyof Config, When>> = {
	test: 'now',
	affected: 'now',
	fullTests: 'now',
	enforceLocks: 'now',
	setup: 'now',
	copyFiles: 'now',
	plan: 'now',
	documentation: 'now',
	review: 'now',
	timeout: 'now',
	testTimeout: 'now',
	testRetries: 'now',
	batch: 'now',
	stallTimeout: 'now',
	backoff: 'now',
	attempts: 'now',
	maxReviewRounds: 'now',
	budget: 'now',
	prices: 'now',
	idleTimeout: 'now',
	unattended: 'now',
	team: 'now',
	roles: 'now',
	protectedPaths: 'now',
	requireApproval: 'now',
	secretAllowlist: 'now',
	harnesses: 'now',
	env: 'now',
	keys: 'attach',
	theme: 'attach',
	ascii: 'attach',
	mouse: 'attach',
	screenReader: 'attach',
	reduceMotion: 'attach',
	notify: 'restart',
	base: 'restart',
	merge: 'restart',
	remote: 'restart',
	pushTo: 'restart',
	forge: 'restart',
	prMerge: 'now',
	prMethod: 'now',
	prOf: 'restart',
	prDraft: 'now',
	lease: 'restart',
	durability: 'restart',
	remoteTyping: 'restart',
	scrollback: 'restart',
	sandbox: 'restart',
	network: 'restart',
	hosts: 'restart',
	readable: 'restart',
	writable: 'restart',
	limits: 'restart',
};

/** On a Redis that others reach, rooms agree on these, or a start checks what they allow. */
const SHARED: readonly (keyof Config)[] = ['test', 'affected', 'team', 'roles', 'harnesses'];
const OF_TEAM: readonly (keyof Config)[] = ['team', 'roles', 'harnesses'];

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Only a start proves that what a harness asks of its sandbox is there. */
const isSandboxAsked = ({harnesses: now}: Config, {harnesses: would}: Config): boolean =>
	Object.entries(would).some(([name, {sandbox, network}]) => !isSame(sandbox, now[name]?.sandbox) || !isSame(network, now[name]?.network));

export type Taking = {
	/** What the room has from then on. */
	readonly config: Config;
	/** Changed keys by when they take effect. */
	readonly now: readonly (keyof Config)[];
	readonly attach: readonly (keyof Config)[];
	readonly restart: readonly (keyof Config)[];
};

/** What a running room takes of a changed configuration, and what needs a restart. `isShared`: its Redis is not its own. */
export const takingOf = (now: Config, would: Config, isShared: boolean): Taking => {
	const keys = Object.keys(WHEN) as (keyof Config)[];
	const changed = keys.filter(key => !isSame(now[key], would[key]));
	const isFixed = isSandboxAsked(now, would);
	const when = (key: keyof Config): When =>
		(isShared && SHARED.includes(key)) || (isFixed && OF_TEAM.includes(key)) ? 'restart' : WHEN[key];
	const kept = changed.filter(key => when(key) === 'restart');
	return {
		config: {...would, ...Object.fromEntries(kept.map(key => [key, now[key]]))},
		now: changed.filter(key => when(key) === 'now'),
		attach: changed.filter(key => when(key) === 'attach'),
		restart: kept,
	};
};

const listed = (keys: readonly string[]): string => keys.join(', ');

/** `in effect now: test, team; after a restart of the room: base`. */
export const takingText = ({now, attach, restart}: Pick<Taking, 'now' | 'attach' | 'restart'>): string =>
	[
		...(now.length > 0 ? [`in effect now: ${listed(now)}`] : []),
		...(attach.length > 0 ? [`in terminals that attach from now on: ${listed(attach)}`] : []),
		...(restart.length > 0 ? [`after a restart of the room: ${listed(restart)}`] : []),
	].join('; ') || 'nothing changes';
