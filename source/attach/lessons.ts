import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {Lessons} from '../store/lessons.ts';

/**
 * Remembers beside the state of all rooms of a person what they have learnt; in the state folder itself where that one lies elsewhere. What
 * cannot be written is shown again the next time.
 */
export const createLessons = (stateFolder: string): Lessons => {
	const parent = dirname(stateFolder);
	const folder = basename(parent) === 'agent-room' ? parent : stateFolder;
	const file = join(folder, 'knows-way-back');
	return {
		knowsWayBack: () => existsSync(file),
		learnWayBack: () => {
			try {
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(file, '', {mode: 0o600});
			} catch {
				// A full disk costs one more lesson.
			}
		},
	};
};
