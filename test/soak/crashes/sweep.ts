import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {add, SECTIONS, type SectionName} from './sections.ts';
import {buildShim, type Harm} from './trap.ts';
import {createWorld, until, type World} from './world.ts';

/** What is armed: `<program> <call> <file>`, and what happens there. */
export type Target = {readonly section: SectionName; readonly point: string; readonly harm: Harm};
/** One target: `why` says what was not as it must be, '' if all was. */
export type Outcome = Target & {readonly isReached: boolean; readonly why: string; readonly tookMs: number};

/** A task that is not merged by then is stuck; a machine that is busy with other things takes long. */
const PATIENCE_MS = 120_000;

/** The sections of one world, one after another: each next point finds what all before have left. */
export type Sweep = {
	/** All points of a section, in first-seen order, of as many tasks as it is given. */
	readonly points: (section: SectionName, tasks: number) => Promise<readonly string[]>;
	readonly kill: (target: Target) => Promise<Outcome>;
	/** What is not as it must be at the end. */
	readonly end: () => Promise<readonly string[]>;
	/** Ends what runs and removes the folder. */
	readonly close: (isKept?: boolean) => Promise<void>;
	readonly world: World;
};

const mergesOf = (world: World): readonly string[] =>
	world.git('log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=%x2c)', 'main').split('\n').filter(Boolean);

export const createSweep = ({mutant = '', patienceMs = PATIENCE_MS} = {}): Sweep => {
	const parent = mkdtempSync(join(tmpdir(), 'ar-crash-'));
	const library = join(parent, 'crash.so');
	buildShim(library);
	const world = createWorld({parent, library, mutant});
	let tasks = 0;
	const added: string[] = [];

	const release = (task: string): void => {
		world.trap.off();
		world.unset('hold-test');
		world.unset(`wait-${task}`);
	};

	/** As a person does: starts the room where it has ended, rebuilds what Redis lost, adds what was never accepted, until the task is merged. */
	const finish = (task: string): Promise<boolean> => {
		let isAccepted = false;
		return until(async () => {
			if (world.room() === undefined) await world.start();
			const status = await world.status();
			if (!status) return false;
			const shown = status.tasks;
			if (status.isFrozen) await world.command('rebuild');
			else if (shown.some(({id}) => id === task)) isAccepted = true;
			else if (!isAccepted) await add(world, task);
			// The base is asked only once the room says so: each look at it starts a git.
			return shown.some(({id, state}) => id === task && state === 'merged') && mergesOf(world).includes(task);
		}, patienceMs);
	};

	/** What is not as it must be on the base. */
	const faultsOf = (task: string): readonly string[] => {
		const merges = mergesOf(world);
		const tested = new Set(world.told('tested').split('\n'));
		// Every commit that the base was ever at; of a batch only the last one is.
		const stood = [...new Set(world.git('reflog', 'show', '--format=%H', 'refs/heads/main', '--').split('\n'))].slice(0, -1);
		const untested = stood.filter(commit => !tested.has(commit));
		const text = merges.includes(task) ? world.git('show', `main:${task}.txt`) : '';
		return [
			...(merges.includes(task) ? [] : [`${task} is not merged`]),
			...added.filter(id => merges.filter(merged => merged === id).length > 1).map(id => `${id} is merged twice`),
			...(untested.length === 0 ? [] : [`untested on the base: ${untested.join(', ')}`]),
			// What an attempt has written by the time it says so is in what was merged.
			...[1, 2, 3]
				.filter(
					attempt => merges.includes(task) && world.has(`working-${task}-${attempt}`) && !text.includes(`begun in attempt ${attempt}`),
				)
				.map(attempt => `${task} lost what attempt ${attempt} wrote: ${JSON.stringify(text)}`),
		];
	};

	const run = async (section: SectionName, open: () => void): Promise<string> => {
		const {before, act, isOver} = SECTIONS[section];
		const task = `t${++tasks}`;
		if (world.room() === undefined) await world.start();
		added.push(task);
		await before(world, task);
		open();
		const acting = act(world, task);
		// It may be what is killed, or wait for what stands still at the point.
		acting.catch(() => undefined);
		await Promise.race([acting, until(() => world.trap.hit() > 0, PATIENCE_MS)]);
		await until(() => world.trap.hit() > 0 || isOver(world, task), PATIENCE_MS);
		return task;
	};

	return {
		world,
		points: async (section, count) => {
			const points = new Set<string>();
			for (let round = 0; round < count; round++) {
				const task = await run(section, world.trap.note);
				release(task);
				for (const point of world.trap.noted()) points.add(point);
				if (!(await finish(task))) throw new Error(`${task} was not merged\n${world.account()}`);
			}
			return [...points];
		},
		kill: async target => {
			const began = performance.now();
			const task = await run(target.section, () => world.trap.arm(target.point, target.harm));
			const isReached = world.trap.hit() > 0;
			if (isReached && target.harm === 'all') await world.cut();
			release(task);
			const isMerged = await finish(task);
			const why = faultsOf(task).join('; ');
			return {...target, isReached, why: isMerged ? why : `${why || 'stuck'}\n${world.account()}`, tookMs: performance.now() - began};
		},
		end: async () => {
			// Of a git that was killed alone the next start clears what it left.
			for (const isNext of [false, true]) {
				if (isNext) await world.start();
				if (world.room() !== undefined) await world.command('stop');
				await until(() => world.room() === undefined, 10_000);
			}
			const status = world.git('status', '--porcelain');
			const missing = world.git('fsck', '--full', '--no-dangling');
			const merges = mergesOf(world);
			return [
				...(status === '' ? [] : [`the person's tree: ${status}`]),
				...(missing === '' ? [] : [`git fsck: ${missing}`]),
				...added.filter(id => !merges.includes(id)).map(id => `${id} is lost`),
				...world.locks().map(lock => `a lock was left: ${lock}`),
			];
		},
		close: async (isKept = false) => {
			await world.cut();
			if (!isKept) rmSync(parent, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
		},
	};
};
