import {open} from 'node:fs/promises';
import {join} from 'node:path';
import type {Turn} from './perform.ts';
import type {Situation} from './situation.ts';
import type {Misdeed} from './step.ts';
import {git, runCommand} from './worktree.ts';

/** Writes a file of so many bytes in the worktree; the answer says how many there were when the disk was full, or it was done. */
export const fillDisk = async (bytes: number, situation: Situation): Promise<string> => {
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

/** One way of doing it; what git says about it is on the screen, whatever it says. */
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
	/** A verdict on its own work, under its own token and then in a reviewer's name. */
	'approve-itself': async ({room}: Turn): Promise<void> => {
		await room.report({kind: 'done', verdict: 'approve', comments: 'Mine, and very good.'});
		await room.forge('agent:rev:001', {kind: 'done', verdict: 'approve', comments: 'Very good.'});
	},
	'move-base': moveBase,
	/** The branch is deleted beneath its worktree. */
	'delete-branch': (turn: Turn): Promise<void> => attempt(['update-ref', '-d', `refs/heads/${turn.situation.branch}`], turn),
	/** It works on, somewhere else than on its branch. */
	'leave-branch': (turn: Turn): Promise<void> => attempt(['checkout', '--quiet', '-b', 'elsewhere'], turn),
} as const satisfies Record<Misdeed, (turn: Turn) => Promise<void>>;

/** Does what no agent may do. */
export const misbehave = (misdeed: Misdeed, turn: Turn): Promise<void> => WAYS[misdeed](turn);
