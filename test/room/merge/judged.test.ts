import {join} from 'node:path';
import {expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {judgeBase} from '../../../source/room/merge/base.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {createTestRepository} from '../../helpers/repository.ts';

/** Judges the move of the base to the merge of a task with these fields; what alarms it raised. */
const alarmsOf = async (
	given: (commits: {work: string; candidate: string}) => Readonly<Record<string, string>>,
): Promise<readonly string[]> => {
	const project = createTestRepository();
	const repository = await openRepository(project.root);
	const guardian = await openGuardian({repository, folder: join(project.stateFolder, 'guardian.git'), base: 'main'});
	const from = await guardian.baseHead();
	const work = project.branch('work', {'work.txt': 'work\n'});
	const built = await guardian.buildCandidate({commit: work, onto: from, task: 't', title: 'T', author: 'agent:dev:001'});
	if (built.kind !== 'candidate') throw new Error(built.kind);
	const fields = {state: 'ready', stage: 'test', commit: work, author: 'agent:dev:001', ...given({work, candidate: built.commit})};
	const tasks = new Map([['t', parseTask('t', fields)]]);
	const alarms: string[] = [];
	project.git(['fetch', '--quiet', guardian.folder, built.commit]);
	project.git(['merge', '--quiet', '--ff-only', built.commit]);
	const room = {
		facts: {
			guardian,
			repository,
			base: 'main',
			config: configSchema.parse({}),
			options: {stateFolder: project.stateFolder},
			log: () => undefined,
		},
		record: {
			team: () => ({tasks, agents: new Map(), control: {stray: '', strayFrom: ''}}),
			setBaseCommit: () => undefined,
			baseCommit: () => from,
		},
		link: {
			retryUntilWritten: <T>(write: () => Promise<T>) => write(),
			coordination: {
				read: async () => new Map([['t', fields]]),
				stray: async ({text}: {text: string}) => alarms.push(text),
				appendEvent: async () => undefined,
			},
		},
		slots: {attempts: () => []},
		merges: {moves: {head: from, left: [], alarm: undefined, decided: '', judging: Promise.resolve(), isByHand: false}},
		lifecycle: {requestTick: () => undefined},
	} as unknown as Room;
	await judgeBase(room);
	return alarms;
};

test('a merge of a room that died right after its push is none of an agent: the commit passed, with the present work in it', async () => {
	// The next room has put it back to its test, since its candidate was in no queue any more.
	expect(await alarmsOf(({candidate}) => ({testedCommit: candidate}))).toEqual([]);
	expect(await alarmsOf(({candidate}) => ({testedCommit: candidate, state: 'merged', mergedCommit: candidate}))).toEqual([]);
	const alarm = expect.stringMatching(/^main was moved to \w+ by dev-1: unreviewed and untested work on t$/);
	expect(await alarmsOf(() => ({}))).toEqual([alarm]);
	// It went back to its author: the commit that passed is not its present work.
	expect(await alarmsOf(({candidate}) => ({testedCommit: candidate, stage: 'develop'}))).toEqual([alarm]);
});
