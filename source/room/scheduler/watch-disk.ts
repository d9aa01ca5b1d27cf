import {execFile} from 'node:child_process';
import {formatSize} from '../../core/text/format.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** How long one look may take, ms: a tree that is still growing while it is counted is counted to this far. */
const LOOK_MS = 20_000;

/** Bytes of disk below folders, as far as they can be counted; a file in two of them counts once. */
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
 * Ends every attempt of an agent that holds more on disk than its limit: its worktree, its home and the folder of its session. Between two looks it may write more;
 * one file never grows beyond the limit, which the kernel holds, and what lies in its /tmp has the same bound.
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
