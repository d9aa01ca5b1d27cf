import type {Claimed} from '../../source/core/team/coordination.ts';
import {AGENTS, happens, type Real, type Step, sent} from './model.ts';

/** The lease of a claim. */
export const held = (claimed: Claimed) => ({agent: claimed.task.owner, task: claimed.task.id, token: claimed.token});

/** What was used up, as an amount or as what a session's counter stands at, also an older one. */
export const costOf = (claimed: Claimed, index: number) => ({
	...{...held(claimed), micros: 7 * (1 + (index % 3)), tokensIn: 10, tokensOut: 1, tokensCached: index % 11},
	...(index % 2 === 0 ? {} : {counter: `s${index % 5}`}),
});

/** How an attempt ends without success: its worktree stays for the session in it, or a fresh one leaves it. */
export const left = (index: number): {reason: string; fields: Record<string, string>} =>
	index % 3 === 0 ? {reason: 'why', fields: {}} : {reason: 'cut off', fields: {fresh: '0', session: `claude ${index % 4}`}};

const accountOf = (index: number): string => (index % 3 === 0 ? 'more' : 'work');

/** An account is refused, for long or for a moment. */
export const rateLimits =
	(index: number, isLong: boolean, isResent: boolean): Step =>
	async (_, real) => {
		const agent = AGENTS[index % 2]?.id ?? '';
		await sent(real, isResent, () => real.team.throttle({account: accountOf(index), agent, retryMs: isLong ? 60_000 : 1, reason: 'limit'}));
	};

/** A person lifts the wait of an account. */
export const clearsRateLimit =
	(index: number, isResent: boolean): Step =>
	(_, real) =>
		sent(real, isResent, () => real.team.clearRateLimit(accountOf(index)));

export const sweeps: Step = async (_, real) => {
	await real.team.sweep();
	real.isSwept = true;
};

/** Counts how often the model got to where accounts and sessions decide. */
export const notices = (real: Real): void => {
	const {control, tasks} = real.folded;
	if (control.rateLimits.some(({probe}) => probe !== '')) happens(real, 'probe');
	if ([...tasks.values()].some(({prefers, state}) => prefers !== '' && state === 'ready')) happens(real, 'kept');
};
