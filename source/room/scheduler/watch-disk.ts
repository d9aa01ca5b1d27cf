import {execFile} from 'node:child_process';
import {formatSize} from '../../core/text/format.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** Time limit of one look, ms: a tree that grows while it is counted is counted up to then. */
const LOOK_MS = 20_000;

/** Disk usage below folders in bytes, as far as it can be counted; a file in two of them counts once. */
const sizeOf = (folders: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		execFile(
			'du',
			['-s', '-c', '-k', '--', ...folders],
			{timeout: LOOK_MS, maxBuffer: 1e6, env: {...process.env, LC_ALL: 'C'}},
			(_, stdout) => {
				const total = /^(\d+)\t.*$/.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1];
				resolve(Number(total ?? 0) * 1024);
			},
		);
	});

const foldersOf = ({workspace: place, surrounded, launched}: Attempt): readonly string[] =>
	[place.folder, surrounded.home, launched?.folder ?? ''].filter(folder => folder !== '');

/**
 * Ends every attempt whose agent uses more disk than its limit: worktree, home and session folder. Between two looks it may write more; the kernel
 * keeps each file below the limit, and its /tmp has the same bound.
 */
export const watchDisk = async ({facts, slots}: Pick<Room, 'facts' | 'slots'>): Promise<void> => {
	const {disk} = facts.config.limits;
	if (disk === undefined) return;
	for (const attempt of slots.attempts()) {
		if (attempt.isEnding || attempt.agent.program) continue;
		const size = await sizeOf(foldersOf(attempt));
		if (size <= disk || attempt.isEnding) continue;
		attempt.endReason = `it holds ${formatSize(size)} on disk, more than its limit of ${formatSize(disk)}`;
		await attempt.end(0);
	}
};
