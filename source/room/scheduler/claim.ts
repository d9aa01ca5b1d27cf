import type {Task, WholeTask} from '../../core/task/task.ts';
import type {Held} from '../../core/team/coordination.ts';
import {isRefusedForNow} from '../../redis/errors.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {startAttempt} from '../attempt/attempt.ts';
import {finishAttempt, restAfterCrash} from '../attempt/finish.ts';
import {watchUsage} from '../attempt/usage.ts';
import {markRead, unreadMail} from '../mail/mail.ts';
import {placeTest} from '../merge/candidate.ts';
import {finishLanding} from '../merge/merge.ts';
import {settle} from '../merge/settle.ts';
import {finishTest} from '../merge/test.ts';
import type {Attempt, Ended, Place, Settled} from '../parts/attempt.ts';
import {forgetBuilt, lostFields, takeTurn} from '../parts/merge-queue.ts';
import {chosenFor, type Engine} from '../parts/parts.ts';
import {isFree, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {placePlan} from '../planning/workspace.ts';
import {guarded} from '../prepare/guard.ts';
import {preparePlace} from '../prepare/workspace.ts';
import {driveAttempt} from '../session/drive.ts';
import {watchSession} from '../session/watch.ts';
import type {PlannedAgent} from '../team/team.ts';

/** A task whose candidate could not be made rests, longer each time and longer than its tester, so that others have their turn before it. */
const CAR_REST_MS = 5000;
const LONGEST_CAR_REST_MS = 300_000;

/** Answers to a claim after which its agent waits in Redis. */
const WAITS: ReadonlySet<string> = new Set(['none', 'braked', 'drained', 'over-budget', 'paused', 'frozen']);

/** A claim that failed before anything was granted: its agent rests for a moment. */
const giveUpClaim = ({slots}: Engine, id: string): void => {
	const moves = movesOf(slots);
	if (slots.get(id)?.now.kind === 'claiming') moves.move(id, {type: 'get-nothing', waits: false});
	moves.rest(id, 'refused');
};

/** Starts the attempt of a task that was handed to a waiting agent, or whose claim was granted and the answer lost. */
export const beginHanded = async (
	engine: Engine,
	{agent: id, task: name, token}: {readonly agent: string; readonly task: string; readonly token: string},
): Promise<void> => {
	const slot = engine.slots.get(id);
	if (!slot || engine.begun.has(token) || !(isFree(slot) || slot.now.kind === 'handed')) return;
	const moves = movesOf(engine.slots);
	moves.move(id, {type: 'take-up', lease: {agent: id, task: name, token}});
	try {
		const task = await engine.coordination.task(name);
		if (task?.token === token) await inItsTurn(engine, slot.agent, leave => begin(engine, slot, task, token, leave));
		else {
			// Superseded already: it never comes back, and is not looked at again.
			remember(engine, token);
			moves.move(id, {type: 'get-nothing', waits: false});
		}
	} catch (error) {
		giveUpClaim(engine, id);
		throw error;
	} finally {
		engine.wake();
	}
};

/** Cars are claimed and built in the order in which they were decided; `leave` lets the next one begin. Of others nobody waits for anybody. */
const inItsTurn = async (
	engine: Engine,
	agent: PlannedAgent,
	work: (leave: () => void) => Promise<void>,
	beforehand?: Promise<unknown>,
): Promise<void> => {
	const turn = agent.program === 'test' ? takeTurn(engine) : undefined;
	try {
		await Promise.all([turn?.mine, beforehand]);
		await work(() => turn?.leave());
	} finally {
		turn?.leave();
	}
};

/** The work on a task comes to the guardian while others are built: what cannot be had is found when it is built itself. */
const bringIn = async ({guardian, state}: Engine, task: string): Promise<void> => {
	const commit = state.team().tasks.get(task)?.commit ?? '';
	if (commit !== '') await guardian.importCommit(commit).catch(() => undefined);
};

/**
 * Asks for one task for an idle agent, a program for the very one that is `wanted`, and starts its attempt. A claim that gives nothing is not
 * repeated before something changed.
 */
export const claimFor = async (engine: Engine, id: string, wanted = ''): Promise<void> => {
	const slot = engine.slots.get(id);
	if (!slot || !isFree(slot)) return;
	const {agent} = slot;
	const moves = movesOf(engine.slots);
	moves.move(id, {type: 'ask'});
	const askedAt = engine.state.team().streamId;
	try {
		const work = async (leave: () => void): Promise<void> => {
			const claimed = await engine.coordination.claim({
				agent: id,
				room: engine.roomId,
				leaseMs: engine.config.lease,
				nonce: engine.newNonce(),
				stages: agent.stages,
				waits: !agent.program,
				...(wanted ? {wanted} : {}),
			});
			engine.refused(id, '');
			if (claimed.code === 'ok') await begin(engine, slot, claimed.task, claimed.token, leave);
			else {
				moves.giveUpAt(id, askedAt);
				moves.move(id, {type: 'get-nothing', waits: !agent.program && WAITS.has(claimed.code)});
			}
		};
		await inItsTurn(engine, agent, work, agent.program === 'test' ? bringIn(engine, wanted) : undefined);
	} catch (error) {
		if (isRefusedForNow(error)) engine.refused(id, error.message);
		giveUpClaim(engine, id);
		throw error;
	} finally {
		engine.wake();
	}
};

/** So many tokens are remembered: far more than can be in the way of one another. */
const TOKENS_KEPT = 10_000;

const remember = ({begun}: Engine, token: string): void => {
	begun.add(token);
	for (const oldest of begun) {
		if (begun.size <= TOKENS_KEPT) return;
		begun.delete(oldest);
	}
};

/** What the end of a process means, by what it was. */
const finish = (engine: Engine, attempt: Attempt, ended: Ended): Promise<void> => {
	if (attempt.agent.program === 'test') return finishTest(engine, attempt, ended);
	return attempt.agent.program === 'merge' ? finishLanding(engine, attempt, ended) : finishAttempt(engine, attempt, ended);
};

const placeOf = (
	engine: Engine,
	{agent, task, token}: {readonly agent: PlannedAgent; readonly task: WholeTask; readonly token: string},
	leaveTurn: () => void,
): Promise<Place | Settled> => {
	if (agent.program === 'test') return placeTest(engine, {task, token, agent}, leaveTurn);
	if (task.stage === 'plan') return placePlan(engine, task, token, agent);
	const {repository, guardian, config, base, options, coordination, surroundings, workBase} = engine;
	return preparePlace(task, token, agent, {
		repository,
		guardian,
		config,
		base,
		options,
		surroundings,
		workBase,
		task: id => coordination.task(id),
	});
};

const begin = async (engine: Engine, {agent, number, pane}: Slot, task: WholeTask, token: string, leaveTurn: () => void): Promise<void> => {
	const {slots} = engine;
	const moves = movesOf(slots);
	const held = {agent: agent.id, task: task.id, token};
	moves.move(agent.id, {type: 'be-granted', lease: held});
	remember(engine, token);
	let made: Place | undefined;
	try {
		const place = await placeOf(engine, {agent, task, token}, leaveTurn);
		if ('outcome' in place) {
			await settle(engine, agent, task, token, place);
			return;
		}
		made = place;
		if (!(await isStillOurs(engine, held, place))) {
			await place.discard();
			return;
		}
		const mails = agent.program ? [] : await unreadMail(engine, agent.id);
		const started = await startAttempt(
			{
				agent,
				number,
				task: {...task, ...place.fields},
				token,
				startedAt: performance.now(),
				mails,
				place: await guarded(engine, agent, place),
				pane,
			},
			engine.surroundings,
		);
		moves.move(agent.id, {type: 'start', attempt: started});
		engine.failedStarts.delete(task.id);
		const tellUsage = watchUsage(engine, started);
		void started.ended.then(async ended => {
			// Before its result: what it used up belongs to the task while its token is the current one.
			await tellUsage();
			await finish(engine, started, ended);
		});
		tellPid(engine, started);
		watchSession(engine, started);
		driveAttempt(engine, started);
		void markRead(engine, started, mails);
	} catch (error) {
		// Nothing has worked there: a start that fails again and again leaves no worktree each time.
		await made?.discard().catch(failure => engine.log(`the place of ${agent.id} on ${task.id} stays: ${String(failure)}`));
		await couldNotStart(engine, agent, task, token, error instanceof Error ? error.message : String(error));
	} finally {
		if (slots.get(agent.id)?.now.kind === 'preparing') moves.move(agent.id, {type: 'give-up'});
		if (slots.attempt(agent.id)?.token !== token) forgetBuilt(engine, task.id, token);
	}
};

/**
 * Making the place took a while: a token that was superseded meanwhile (cancelled, reassigned, the room goes down) starts nothing.
 * What became true by preparing is written in the same step.
 */
const isStillOurs = async (engine: Engine, held: Held, place: Place): Promise<boolean> => {
	const isAlone = Object.keys(place.fields).length === 0;
	const written = await engine.persist(() =>
		isAlone ? engine.coordination.renew(held, engine.config.lease) : engine.coordination.progress(held, place.fields, ''),
	);
	if (written === 'ok' && !engine.isOpen)
		await engine.persist(() =>
			engine.coordination.release({...held, reason: 'the room is going down', to: chosenFor(engine, held.task), fields: {}}),
		);
	return written === 'ok' && engine.isOpen;
};

/** Its process runs whether or not this can be written: no failure of it ends the attempt. */
const tellPid = (engine: Engine, {agent, pid}: Attempt): void => {
	engine
		.persist(() => engine.coordination.describe(agent.id, {pid: String(pid), doing: ''}, ''))
		.catch(error => engine.log(`the pid of ${agent.id} was not written: ${String(error)}`));
};

/**
 * The command cannot be started or the place cannot be made. The task goes back without losing an attempt: its next agent may do
 * better; this one rests, with the reason on the screen, longer each time.
 */
const couldNotStart = async (engine: Engine, agent: PlannedAgent, task: Task, token: string, message: string): Promise<void> => {
	const reason = cleanText(message, 300);
	engine.log(`${agent.id} could not start ${task.id}: ${message}`);
	const count = (engine.failedStarts.get(task.id)?.count ?? 0) + 1;
	engine.failedStarts.set(task.id, {count, reason});
	engine.slots.pane(agent.id)?.say(`could not start: ${reason}`);
	// The train has an order: one that cannot be built (its commit is lost, say) would be the first again each time, and nobody else would be tested.
	const isCar = task.stage === 'test';
	if (isCar) engine.notBefore.set(task.id, performance.now() + Math.min(LONGEST_CAR_REST_MS, CAR_REST_MS * 2 ** count));
	const fields = {...lostFields(task), ...(isCar ? {hold: cleanText(`could not be tested: ${reason}`, 300)} : {})};
	await engine.persist(() => engine.coordination.release({task: task.id, token, reason, to: task.assigned, fields}));
	await restAfterCrash(engine, agent.id, reason);
};
