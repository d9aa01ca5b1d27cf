import {loadavg} from 'node:os';
import {join} from 'node:path';
import {runOf, writeRow} from '../../helpers/result.ts';
import {createRandom} from '../random.ts';
import {SECTION_NAMES, type SectionName} from './sections.ts';
import {createSweep, type Outcome, type Sweep, type Target} from './sweep.ts';

export type Asked = {
	readonly sections: readonly SectionName[];
	readonly seed: number;
	/** Of each section; which ones, if it has more, is the seed's choice. */
	readonly most: number;
	/** How many worlds are swept side by side. */
	readonly jobs: number;
	readonly mutant: string;
	readonly isKept: boolean;
	readonly isWritten: boolean;
};

type Found = {
	readonly section: SectionName;
	readonly outcomes: readonly Outcome[];
	readonly faults: readonly string[];
	readonly seconds: number;
};

/** How many tasks are watched for the points of a section: a second one comes by what the first did not need. */
const WATCHED = 2;

/** Processes that die with a room are killed alone and with everything, by the seed; the room's own death is always one of its own. */
const targetsOf = (section: SectionName, points: readonly string[], asked: Asked): readonly Target[] => {
	const random = createRandom(asked.seed);
	const drawn = points.map((point, index) => ({point, index, order: random.next(), isCut: random.next() < 0.5}));
	const kept = drawn.toSorted((one, other) => one.order - other.order).slice(0, asked.most);
	return kept
		.toSorted((one, other) => one.index - other.index)
		.map(({point, isCut}) => ({section, point, harm: isCut ? ('all' as const) : ('self' as const)}));
};

const wordsOf = ({section, point, harm, isReached, tookMs, why}: Outcome): string =>
	`${section} ${harm === 'all' ? 'cut' : 'kill'} ${isReached ? '' : '(not reached) '}${point} ${(tookMs / 1000).toFixed(1)} s${why === '' ? '' : `\n  WRONG: ${why}`}`;

const sweepSection = async (section: SectionName, asked: Asked, print: (text: string) => void, breakOff: AbortSignal): Promise<Found> => {
	const began = performance.now();
	const outcomes: Outcome[] = [];
	const faults: string[] = [];
	const close = async (sweep: Sweep): Promise<void> => {
		if (!breakOff.aborted) faults.push(...(await sweep.end().catch(error => [String(error)])));
		if (asked.isKept) print(`kept: ${sweep.world.folder}`);
		await sweep.close(asked.isKept);
	};
	const first = createSweep({mutant: asked.mutant});
	let points: readonly string[] = [];
	try {
		points = await first.points(section, WATCHED);
	} catch (error) {
		faults.push(String(error));
	}
	const left = [...targetsOf(section, points, asked)];
	print(`${section}: ${points.length} points, ${left.length} of them are swept`);
	const work = async (given: Sweep | undefined): Promise<void> => {
		let sweep = given;
		for (let target = left.shift(); target && !breakOff.aborted; target = left.shift()) {
			sweep ??= createSweep({mutant: asked.mutant});
			const armed = target;
			const outcome: Outcome = await sweep.kill(armed).catch(error => ({...armed, isReached: true, why: String(error), tookMs: 0}));
			outcomes.push(outcome);
			print(wordsOf(outcome));
			if (outcome.why === '') continue;
			// What comes next is to find a whole world.
			if (asked.isKept) print(`kept: ${sweep.world.folder}`);
			await sweep.close(asked.isKept);
			sweep = undefined;
		}
		if (sweep) await close(sweep);
	};
	await Promise.all(Array.from({length: asked.jobs}, (_, index) => work(index === 0 ? first : undefined)));
	return {section, outcomes, faults: [...new Set(faults)], seconds: (performance.now() - began) / 1000};
};

const rowOf = ({section, outcomes, faults, seconds}: Found): string => {
	const reached = outcomes.filter(({isReached}) => isReached);
	const programs = new Set(reached.map(({point}) => point.split(' ')[0]));
	const wrong = outcomes.filter(({why}) => why !== '').length + faults.length;
	return `| ${section} | ${outcomes.length} | ${reached.length} | ${reached.filter(({harm}) => harm === 'all').length} | ${[...programs].toSorted().join(' ')} | ${wrong} | ${seconds.toFixed(0)} s |`;
};

/** A whole sweep, told as it goes; resolves with whether every next start ended as it must. */
export const soakCrashes = async (asked: Asked, print: (text: string) => void, breakOff: AbortSignal): Promise<boolean> => {
	const found: Found[] = [];
	for (const section of asked.sections) if (!breakOff.aborted) found.push(await sweepSection(section, asked, print, breakOff));
	const head = ['| section | points | reached | with everything | programs | wrong | time |', '|---|---|---|---|---|---|---|'];
	const table = [...head, ...found.map(rowOf)].join('\n');
	const wrong = found.flatMap(({outcomes, faults}) => [...outcomes.filter(({why}) => why !== '').map(wordsOf), ...faults]);
	print(`\n${table}\n${wrong.map(text => `- ${text}`).join('\n')}`);
	if (asked.isWritten && !breakOff.aborted)
		for (const section of found)
			writeRow(
				join(import.meta.dirname, '..', 'CRASHES.md'),
				`${rowOf(section)} ${runOf()}, seed ${asked.seed}, load ${(loadavg()[1] ?? 0).toFixed(0)} |`,
			);
	return wrong.length === 0;
};

export const isSection = (name: string): name is SectionName => SECTION_NAMES.some(section => section === name);
