import {existsSync, readdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {filesIn} from '../../core/intake/attached.ts';
import {FINAL_STATES, type WholeTask} from '../../core/task/task.ts';
import type {Room} from '../parts/parts.ts';
import {keptHome} from '../prepare/sessions.ts';
import {keptFiles} from '../session/attached.ts';

/** What was kept is not looked at before it is this old, ms: a form that names it may still be open. */
const OLD_MS = 7 * 86_400_000;

const isOld = (path: string, now: number): boolean => now - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? now) > OLD_MS;

/** Old files below a folder, at any depth. */
const oldFiles = (folder: string, now: number): readonly string[] =>
	existsSync(folder)
		? readdirSync(folder, {withFileTypes: true, recursive: true})
				.filter(entry => entry.isFile())
				.map(entry => join(entry.parentPath, entry.name))
				.filter(path => isOld(path, now))
		: [];

/** All texts of tasks that are not over; a failed one may be tried again. */
const openTasks = async ({link}: Pick<Room, 'link'>): Promise<readonly WholeTask[]> => {
	const all: WholeTask[] = [];
	let cursor = '';
	do {
		const page = await link.coordination.list(cursor, 500);
		for (const {id, state} of page.tasks) {
			const task = state === 'failed' || !FINAL_STATES.includes(state) ? await link.coordination.task(id) : undefined;
			if (task) all.push(task);
		}
		({cursor} = page);
	} while (cursor !== '');
	return all;
};

/**
 * Removes what was kept for tasks that are over: files of the user that went with them, and copies of sessions. Guarantee: nothing that an unfinished
 * task names; and nothing at all while it is undecided what Redis has lost. `now`: epoch ms.
 */
export const tidyKept = async (room: Pick<Room, 'facts' | 'link'>, now: number): Promise<void> => {
	const {stateFolder} = room.facts.options;
	const folder = keptFiles(stateFolder);
	const old = new Set(oldFiles(folder, now));
	const isAllOld = (hash: string): boolean => readdirSync(join(folder, hash)).every(name => old.has(join(folder, hash, name)));
	const hashes = [...new Set([...old].map(path => basename(dirname(path))))].filter(isAllOld);
	const sessions = oldFiles(keptHome(stateFolder), now);
	if (hashes.length + sessions.length === 0) return;
	const tasks = await openTasks(room);
	if (room.link.isRecovering() || !room.link.isConnected() || (await room.link.hasLostData())) return;
	const named = new Set(tasks.flatMap(task => filesIn(JSON.stringify(task)).map(({hash}) => hash)));
	const continued = tasks.flatMap(({adopts}) => adopts.split(' ').slice(1));
	for (const hash of hashes) if (!named.has(hash)) rmSync(join(folder, hash), {recursive: true, force: true});
	for (const file of sessions) if (!continued.some(id => id !== '' && file.includes(id))) rmSync(file, {force: true});
};
