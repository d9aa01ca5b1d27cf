import type {Attempt} from './attempt.ts';
import {brakeFor} from './drive-attempt.ts';
import {goesOnHere, type SavedAttempt} from './ending.ts';
import type {Engine} from './engine.ts';
import type {Judgement} from './judge.ts';
import type {SessionEnd} from './judge-session.ts';

/** How the session of an attempt stands at its end; undefined where it has none. */
export const sessionEndOf = ({session, launched}: Attempt): SessionEnd | undefined => {
	if (!session || !launched) return undefined;
	const {state, source, reason, prompts, claims} = session.now();
	const hasWorked = [...claims.values()].some(claim => claim.state === 'working' || claim.state === 'idle');
	return {state, source, reason, isResumed: launched.resumed !== '', hasBegun: prompts > 0 || hasWorked};
};

/** Its program ended by itself, without a word of its agent: somebody left it in its pane, say. */
const hasLeft = ({endReason, blocked, reported}: Attempt): boolean => endReason === '' && blocked === '' && reported === undefined;

/** What is kept of a session with its task: all of it where it was cut off, the worktree alone where a new one is to begin. */
export const sessionFields = (attempt: Attempt, judgement: Judgement, saved: SavedAttempt | undefined): Record<string, string> => {
	const state = attempt.session?.now();
	if (!state) return {};
	const isFull = state.state === 'out-of-context';
	if (judgement.kind === 'fail' && isFull) return {...goesOnHere(attempt, saved), session: ''};
	if (judgement.kind === 'release' && judgement.after === 'new-session') return {...goesOnHere(attempt, saved), session: ''};
	const isCutOff =
		judgement.kind === 'release' ? judgement.after !== undefined : judgement.kind === 'fail' && (judgement.isCrash || hasLeft(attempt));
	return isCutOff && state.id !== '' ? goesOnHere(attempt, saved) : {};
};

/** Before the task goes back: nobody of an account that is to wait is handed it in the same step. */
export const beforeRelease = async (engine: Engine, attempt: Attempt, judgement: Judgement): Promise<void> => {
	if (judgement.kind === 'release' && judgement.after === 'brake' && attempt.session)
		await brakeFor(engine, attempt, attempt.session.now());
};

/** One that is logged out takes nothing until a person has logged it in and lets it go on. */
export const afterRelease = async (engine: Engine, {agent, launched}: Attempt, judgement: Judgement): Promise<void> => {
	if (judgement.kind !== 'release' || judgement.after !== 'logged-out') return;
	const reason = `logged out: run \`${launched?.cli.login ?? 'its login'}\`, then resume it`;
	engine.panes.get(agent.id)?.say(reason);
	await engine.persist(() => engine.coordination.describe(agent.id, {status: 'logged-out', reason}, reason));
};
