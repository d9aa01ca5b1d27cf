import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {answerPlan, askPerson} from './ask.ts';
import {resolveConflict} from './conflict.ts';
import type {Step} from './script.ts';
import {matches, type Turn} from './situation.ts';
import {AgentEnds, type Misdeed, type Situation} from './steps.ts';
import {applyEdit, commentText, commitAll, diffSummary, git, readDiff, runCommand} from './worktree.ts';

/** Writes a file of `bytes` bytes in the worktree; returns a message with the size reached. */
const fillDisk = async (bytes: number, situation: Situation): Promise<string> => {
	const chunk = Buffer.alloc(1024 * 1024, 'x');
	const file = await open(join(situation.worktree, 'filled.bin'), 'w');
	let written = 0;
	try {
		while (written < bytes) written += (await file.write(chunk, 0, Math.min(chunk.length, bytes - written))).bytesWritten;
		return `Wrote ${written} bytes.`;
	} catch (error) {
		return `Wrote ${written} bytes, then: ${error instanceof Error ? error.message : String(error)}`;
	} finally {
		await file.close().catch(() => undefined);
	}
};

/** Tries one way; prints whatever git says. */
const attempt = async (argv: readonly string[], {situation, terminal}: Turn): Promise<void> => {
	const ran = await runCommand(['git', ...argv], situation, undefined);
	terminal.say(`● git ${argv.join(' ')}`);
	terminal.say(`  ⎿ ${ran.exitCode === 0 ? 'done' : `refused: ${ran.output.trim()}`}`);
};

const moveBase = async (turn: Turn): Promise<void> => {
	const {situation} = turn;
	const base = `refs/heads/${situation.base}`;
	const sneaked = (await git(situation, 'commit-tree', '-p', base, '-m', 'Sneak past everybody', `${base}^{tree}`)).trim();
	await attempt(['push', '.', `${sneaked}:${base}`], turn);
	await attempt(['update-ref', base, sneaked], turn);
};

const WAYS = {
	/** Approves its own work, with its own token and then as a reviewer. */
	'approve-itself': async ({room}: Turn): Promise<void> => {
		await room.report({kind: 'done', verdict: 'approve', comments: 'Mine, and very good.'});
		await room.forge('agent:rev:001', {kind: 'done', verdict: 'approve', comments: 'Very good.'});
	},
	'move-base': moveBase,
	'delete-branch': (turn: Turn): Promise<void> => attempt(['update-ref', '-d', `refs/heads/${turn.situation.branch}`], turn),
	'leave-branch': (turn: Turn): Promise<void> => attempt(['checkout', '--quiet', '-b', 'elsewhere'], turn),
} as const satisfies Record<Misdeed, (turn: Turn) => Promise<void>>;

const misbehave = (misdeed: Misdeed, turn: Turn): Promise<void> => WAYS[misdeed](turn);

const crash = async ({signal, exit}: NonNullable<Step['crash']>): Promise<never> => {
	// No cleanup: a crash leaves terminal, worktree and lease as they are.
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

/** Performs one step. Ends the agent by throwing `AgentEnds`; an interrupt rejects with the signal's reason. */
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

/** Performs the steps in order; each condition is checked when its step is due. */
export const performSteps = async (steps: readonly Step[], turn: Turn): Promise<void> => {
	for (const step of steps) {
		turn.signal.throwIfAborted();
		if (await matches(step.when, turn.situation, () => readDiff(turn.situation))) await performStep(step, turn);
	}
};
