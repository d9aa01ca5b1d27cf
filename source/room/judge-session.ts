import type {SessionState, Source} from '../core/session.ts';
import type {AfterSession, Evidence, Judgement} from './judge.ts';

/** How the session of an agent CLI stood when its process ended. */
export type SessionEnd = {
	readonly state: SessionState;
	readonly source: Source | undefined;
	readonly reason: string;
	/** It went on with an earlier session, and whether it ever took a prompt up. */
	readonly isResumed: boolean;
	readonly hasBegun: boolean;
};

const SURE: readonly (Source | undefined)[] = ['process', 'hook', 'stream'];

const because = (what: string, reason: string): string => (reason === '' ? what : `${what}: ${reason.replace(/\.+$/, '')}`);

/** It came further than where it started: what it left is worth going on with. */
const hasProgress = ({work, commit}: Evidence): boolean => work !== undefined && (work.wasDirty || work.commit !== commit);

/**
 * What follows from the end of a session that could not go on; undefined where it ended like any other. Told by the program itself, never by its
 * screen. What is nobody's fault costs no attempt: an account that has to wait, a login that has run out, an earlier session that is not known any
 * more. A context that is full costs none either as long as each session brings the work further; one that brings nothing is a failure, so that no task
 * goes round for ever.
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
	if (SURE.includes(source)) {
		if (state === 'rate-limited') return released('rate-limited', 'brake');
		if (state === 'logged-out') return released('logged out', 'logged-out');
		if (state === 'out-of-context') {
			if (hasProgress(evidence)) return released('its context was full', 'new-session');
			return {kind: 'fail', reason: because('its context was full', reason), feedback: evidence.lastLines.join('\n'), isCrash: false};
		}
	}
	if (isResumed && !hasBegun && (ended.exitCode !== 0 || ended.signal !== ''))
		return released('its earlier session could not be gone on with', 'new-session');
	return undefined;
};
