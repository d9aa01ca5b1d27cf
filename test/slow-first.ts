import {relative} from 'node:path';
import {BaseSequencer, type TestSpecification} from 'vitest/node';

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

/** Files of slow folders first, each project in one go. */
export class SlowFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({moduleId}: TestSpecification): number => {
			const [folder = ''] = relative(import.meta.dirname, moduleId).split('/');
			return SLOW.includes(folder) ? SLOW.indexOf(folder) : SLOW.length;
		};
		const sorted = await super.sort(files);
		return sorted.toSorted((a, b) => b.project.name.localeCompare(a.project.name) || rank(a) - rank(b));
	}
}
