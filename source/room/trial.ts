import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Task} from '../core/task.ts';
import {slug} from '../git/names.ts';
import {removeTestTree} from '../git/test-tree.ts';
import {createTurns} from '../git/turns.ts';
import type {TrialTree} from '../store/room.ts';
import type {Engine} from './engine.ts';
import {hasCandidate} from './train.ts';

type Sources = Pick<Engine, 'guardian' | 'train' | 'options'>;

const foldersIn = ({options}: Pick<Engine, 'options'>): string => join(options.stateFolder, 'trials');

const no = (why: string): TrialTree => ({folder: '', why});

/** One after the other: two terminals that ask for the same tree get the same. */
const inTurn = createTurns(1);

/**
 * A tree of a person's own that holds what the tests of a task see: its merge with the base, or with the car before it. A copy: the train tests and lands its own
 * candidate, whatever is done here. The same candidate is made once and then left alone, so that nobody loses what somebody tries in it.
 */
export const trialTree = (engine: Sources, {id, candidate}: Pick<Task, 'id' | 'candidate'>): Promise<TrialTree> =>
	inTurn(async () => {
		if (candidate === '') return no(`${id} has no merge to look at: it is built when its turn in the train comes.`);
		if (!hasCandidate(engine, candidate)) return no(`The merge of ${id} was built by another room, and is in that room's clone alone.`);
		const folder = join(foldersIn(engine), `${slug(id)}-${candidate.slice(0, 8)}`);
		// Its `.git` comes last: without it the making was cut off.
		if (!existsSync(join(folder, '.git'))) await engine.guardian.prepareTestTree({candidate, folder});
		return {folder, why: ''};
	});

/** Trees of an earlier life of the room: nobody was promised that they stay. */
export const forgetTrials = (engine: Pick<Engine, 'guardian' | 'options'>): void => {
	const folder = foldersIn(engine);
	for (const name of existsSync(folder) ? readdirSync(folder) : []) removeTestTree(engine.guardian.folder, join(folder, name));
};
