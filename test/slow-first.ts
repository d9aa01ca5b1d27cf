import {relative} from 'node:path';
import {BaseSequencer, type TestSpecification} from 'vitest/node';

/** Files that are at work for longest, ten to sixty seconds each, longest first: they begin before all others, wherever they lie. */
const LONGEST = [
	'soak/crashes/crashes',
	'stories/join',
	'entries/cli',
	'adding/adding',
	'room/recovery/faults-pipeline',
	'lua/tasks/model',
	'redis/record',
	'git/guardian/test-tree',
	'room/session/first-prompt',
];

/** Folders whose files take longest: these begin, so that at the end no worker is alone with a long one. */
const SLOW = [
	'stories',
	'room',
	'redteam',
	'soak',
	'adding',
	'ci',
	// One file each that takes most of a minute: programs killed before each step, orders against a model, long records.
	'os',
	'lua',
	'redis',
	'ui',
	'attach',
	'git',
	'harnesses',
	'programs',
	'entries',
	'commands',
	'pty',
	'helpers',
];

/** The longest files first, then those of slow folders, each project in one go. */
export class SlowFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({moduleId}: TestSpecification): number => {
			const file = relative(import.meta.dirname, moduleId);
			const longest = LONGEST.indexOf(file.replace(/\.test\.tsx?$/, ''));
			if (longest >= 0) return longest - LONGEST.length;
			const [folder = ''] = file.split('/');
			return SLOW.includes(folder) ? SLOW.indexOf(folder) : SLOW.length;
		};
		const sorted = await super.sort(files);
		return sorted.toSorted((a, b) => b.project.name.localeCompare(a.project.name) || rank(a) - rank(b));
	}
}
