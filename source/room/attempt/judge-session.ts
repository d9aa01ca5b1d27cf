import type {SessionState, Source} from '../../core/session/session.ts';
import type {AfterSession, Attempt, Judgement} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {throttleFor} from '../session/supervise.ts';
import {goesOnHere, type SavedAttempt} from './end.ts';
import type {Evidence} from './judge.ts';

/** The session of an agent CLI when its process ended. */
export type SessionEnd = {
	readonly state: SessionState;
	readonly source: Source | undefined;
	readonly reason: string;
	/** It resumed an earlier session, and whether it ever took up a prompt. */
	readonly isResumed: boolean;
	readonly hasBegun: boolean;
	/** The variable that its program misses, '' for none: named in its last lines if it never began, else by the failure of its turn. */
	readonly missing: string;
};

const SURE: readonly (Source | undefined)[] = ['process', 'hook', 'stream'];

const because = (what: string, reason: string): string => (reason === '' ? what : `${what}: ${reason.replace(/\.+$/, '')}`);

const NOT_SET_UP = 'not set up';

/** Which line sets it up: agents get only variables that are named. */
const tellMissing = (variable: string): string => `${NOT_SET_UP}: agents have no \`${variable}\``;

/** The same with what to do. `isHere`: the room has the variable, and does not hand it on. */
const setUpText = (variable: string, isHere: boolean): string =>
	`${tellMissing(variable)}. Add \`env: [${variable}]\` to agent-room.yaml${isHere ? '' : `, set ${variable} in the shell that starts the room`}, then resume it`;

/** It got further than its start: its state is worth continuing. */
const hasProgress = ({work, commit}: Evidence): boolean => work !== undefined && (work.wasDirty || work.commit !== commit);

/**
 * The effect of a session that could not continue; undefined if it ended like any other. Only the program's own data count, never its screen. What
 * is not the agent's fault costs no attempt: a rate-limited account, an expired login, a session that is no longer known. A full context costs none
 * while each session makes progress; one without progress is a failure, so that no task loops forever.
 */
export const judgeSession = (evidence: Evidence): Judgement | undefined => {
	const {session, reported, ended} = evidence;
	if (!session || reported?.kind === 'done') return undefined;
	const {state, source, reason, isResumed, hasBegun} = session;
	const released = (what: string, after: AfterSession): Judgement => ({
		kind: 'release',
		reason: because(what, reason),
		isCrash: false,
		after,
	});
	const isSure = SURE.includes(source);
	if (session.missing !== '' && (!hasBegun || (isSure && state === 'logged-out')))
		return {kind: 'release', reason: tellMissing(session.missing), isCrash: false, after: 'not-set-up'};
	if (isSure) {
		if (state === 'rate-limited') return released('rate-limited', 'throttle');
		if (state === 'logged-out') return released('logged out', 'logged-out');
		if (state === 'out-of-context') {
			if (hasProgress(evidence)) return released('context full', 'new-session');
			return {kind: 'fail', reason: because('context full', reason), feedback: evidence.lastLines.join('\n'), isCrash: false};
		}
	}
	if (isResumed && !hasBegun && (ended.exitCode !== 0 || ended.signal !== ''))
		return released('its earlier session cannot be resumed', 'new-session');
	return undefined;
};

/** The session of an attempt at its end; undefined if it has none. */
export const sessionEndOf = ({session, launched, delivery}: Attempt, lastLines: readonly string[]): SessionEnd | undefined => {
	if (!session || !launched) return undefined;
	const {state, source, reason, prompts, claims} = delivery.stuck ?? session.now();
	const hasWorked = [...claims.values()].some(claim => claim.state === 'working' || claim.state === 'idle');
	const hasBegun = prompts > 0 || hasWorked;
	// What an agent has printed names nothing: only the failure itself does.
	const missing = launched.cli.missingVariable?.(hasBegun ? [reason] : lastLines) ?? '';
	return {state, source, reason, isResumed: launched.resumed !== '', hasBegun, missing};
};

/** Its program ended without a report: a human left it in its pane, say. */
const hasLeft = ({endReason, blocked, reported}: Attempt): boolean => endReason === '' && blocked === '' && reported === undefined;

/** What is kept of a session with its task: all of it after an interruption, only the worktree if a new session is to start. */
export const sessionFields = (attempt: Attempt, judgement: Judgement, saved: SavedAttempt | undefined): Record<string, string> => {
	const state = attempt.session?.now();
	if (!state) return {};
	const isFull = state.state === 'out-of-context';
	if (judgement.kind === 'fail' && isFull) return {...goesOnHere(attempt, saved), session: ''};
	if (judgement.kind === 'release' && judgement.after === 'new-session') return {...goesOnHere(attempt, saved), session: ''};
	const isCutOff =
		judgement.kind === 'release'
			? judgement.after !== undefined
			: judgement.kind === 'blocked' || (judgement.kind === 'fail' && (judgement.isCrash || hasLeft(attempt)));
	return isCutOff && state.id !== '' ? goesOnHere(attempt, saved) : {};
};

/** Throttles the account before the task returns: no agent of the same account gets it in the same step. */
export const beforeRelease = async (room: Pick<Room, 'link'>, attempt: Attempt, judgement: Judgement): Promise<void> => {
	if (judgement.kind === 'release' && judgement.after === 'throttle' && attempt.session)
		await throttleFor(room, attempt, attempt.delivery.stuck ?? attempt.session.now());
};

/** A logged-out agent starts nothing until a human has logged it in and resumes it. */
export const afterRelease = async (
	{facts, link, slots}: Pick<Room, 'facts' | 'link' | 'slots'>,
	{agent, launched}: Attempt,
	judgement: Judgement,
): Promise<void> => {
	if (judgement.kind !== 'release' || (judgement.after !== 'logged-out' && judgement.after !== 'not-set-up')) return;
	const [, variable = ''] = /`(\w+)`/.exec(judgement.reason) ?? [];
	const reason =
		judgement.after === 'not-set-up'
			? setUpText(variable, facts.paths.inherited[variable] !== undefined)
			: `logged out: run \`${launched?.cli.login ?? 'its login'}\`, then resume it`;
	slots.pane(agent.id)?.say(reason);
	await link.retryUntilWritten(() => link.coordination.updateAgent(agent.id, {status: 'logged-out', reason}, reason));
};
