import {setTimeout as sleep} from 'node:timers/promises';
import type {AgentTerminal} from './agent-terminal.ts';
import {commentText} from './comments.ts';
import {AgentEnds} from './errors.ts';
import {fillDisk, misbehave} from './misbehave.ts';
import {askPerson} from './permission.ts';
import {answerPlan} from './plan.ts';
import {resolveConflict} from './resolve.ts';
import type {RoomLine} from './room-line.ts';
import {matches, type Situation} from './situation.ts';
import type {Step} from './step.ts';
import {applyEdit, commitAll, diffSummary, readDiff, runCommand} from './worktree.ts';

/** What the steps work with. `signal` fires when the person interrupts the turn. */
export type Turn = {
	readonly situation: Situation;
	readonly terminal: AgentTerminal;
	readonly room: RoomLine;
	readonly signal: AbortSignal;
	/** From now on SIGTERM is ignored, as a hung program does. */
	readonly goDeaf: () => void;
};

const crash = async ({signal, exit}: NonNullable<Step['crash']>): Promise<never> => {
	// Nothing is tidied up: a crash leaves the terminal, the worktree and the lease as they are.
	if (signal === undefined) process.exit(exit ?? 1);
	process.kill(process.pid, signal);
	return new Promise<never>(() => {});
};

const hang = ({isDeaf}: NonNullable<Step['hang']>, turn: Turn): Promise<never> => {
	if (isDeaf) turn.goDeaf();
	const alive = setInterval(() => {}, 60_000);
	return new Promise((_, reject) => {
		turn.signal.addEventListener('abort', () => {
			clearInterval(alive);
			reject(turn.signal.reason);
		});
	});
};

const CHUNK = `${'x'.repeat(79)}\n`.repeat(100);

const flood = async (bytes: number, turn: Turn): Promise<void> => {
	for (let left = bytes; left > 0 && !turn.signal.aborted; left -= CHUNK.length) await turn.terminal.flood(CHUNK.slice(0, left));
};

const limitRate = async ({ms, exit}: NonNullable<Step['rateLimit']>, turn: Turn): Promise<void> => {
	turn.terminal.say(`API Error: 429 rate_limit_error · ${exit === undefined ? 'retrying' : 'giving up'} in ${Math.ceil(ms / 1000)} s`);
	await sleep(ms, undefined, {signal: turn.signal});
	if (exit !== undefined) throw new AgentEnds(exit, 'API Error: rate limit reached');
};

const runProgram = async (argv: readonly string[], turn: Turn): Promise<void> => {
	turn.terminal.say(`● Bash(${argv.join(' ')})`);
	const ran = await runCommand(argv, turn.situation, turn.signal, text => turn.terminal.say(`  ⎿ ${text.trimEnd()}`));
	turn.signal.throwIfAborted();
	if (ran.exitCode !== 0)
		throw new AgentEnds(1, `\`${argv[0] ?? ''}\` ended with exit ${ran.exitCode}. ${ran.exitCode === 127 ? ran.output : ''}`);
};

const readTheDiff = async (turn: Turn): Promise<void> => {
	const summary = (await diffSummary(turn.situation)).trim() || 'no change';
	turn.terminal.say(`● Reading the diff: ${summary}`);
	turn.terminal.say((await readDiff(turn.situation)).slice(0, 4000));
};

const sayDone = async ({verdict, comments, text}: NonNullable<Step['done']>, turn: Turn): Promise<void> => {
	const words = commentText(comments);
	const title = verdict === 'changes' ? 'Changes requested' : verdict === 'approve' ? 'Approved' : 'Done';
	turn.terminal.say(`● ${title}: ${words ?? text ?? ''}`);
	await turn.room.report({
		kind: 'done',
		...(verdict === undefined ? {} : {verdict}),
		...(words === undefined ? {} : {comments: words}),
		...(text === undefined ? {} : {text}),
	});
};

/** Does one step whose condition holds. Ends the agent by throwing `AgentEnds`; an interruption rejects with the signal's reason. */
const performStep = async (step: Step, turn: Turn): Promise<void> => {
	const {terminal, situation, room, signal} = turn;
	if (step.say !== undefined) terminal.say(`● ${step.say}`);
	if (step.think !== undefined) await sleep(step.think, undefined, {signal});
	if (step.edit) {
		await applyEdit(step.edit, situation);
		terminal.say(`● ${step.edit.write === undefined ? 'Update' : 'Write'}(${step.edit.file})`);
	}
	if (step.run) await runProgram(step.run, turn);
	if (step.progress !== undefined) {
		terminal.say(`· ${step.progress}`);
		await room.report({kind: 'progress', text: step.progress});
	}
	if (step.commit !== undefined) terminal.say(`● ${await commitAll(step.commit, situation)}`);
	if (step.resolve) terminal.say(`● ${await resolveConflict(step.resolve, situation)}`);
	if (step.plan) await answerPlan(step.plan, turn);
	if (step.readDiff) await readTheDiff(turn);
	if (step.crash) await crash(step.crash);
	if (step.hang) await hang(step.hang, turn);
	if (step.flood !== undefined) await flood(step.flood, turn);
	if (step.fillDisk !== undefined) terminal.say(`● ${await fillDisk(step.fillDisk, situation)}`);
	if (step.misbehave) await misbehave(step.misbehave, turn);
	if (step.rateLimit) await limitRate(step.rateLimit, turn);
	if (step.done) await sayDone(step.done, turn);
	if (step.exit !== undefined) throw new AgentEnds(step.exit, '');
	if (step.ask) {
		const choice = await askPerson(step.ask, turn);
		await performSteps(step.ask.answers?.[String(choice)] ?? [], turn);
	}
};

/** The steps in order; conditions are looked at when their turn comes. */
export const performSteps = async (steps: readonly Step[], turn: Turn): Promise<void> => {
	for (const step of steps) {
		turn.signal.throwIfAborted();
		if (await matches(step.when, turn.situation, () => readDiff(turn.situation))) await performStep(step, turn);
	}
};
