import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {nextStep} from '../../../source/core/queue/batch.ts';
import {blameFor, decidable, lastEntry, type MergeQueue, mergeQueueOf, passedPrefix} from '../../../source/core/queue/merge-queue.ts';
import {parseTask, type Task} from '../../../source/core/task/task.ts';

const task = (id: string, fields: Record<string, string>): Task => parseTask(id, {createdAt: '0', ...fields});
const testing = (id: string, candidateBase: string, candidate = `c-${id}`): Task =>
	task(id, {stage: 'test', state: 'leased', candidate, candidateBase});
const failed = (id: string, candidateBase: string): Task =>
	task(id, {stage: 'test', state: 'ready', candidate: `c-${id}`, failedCandidate: `c-${id}`, candidateBase});
/** Tested alone, or in a batch whose last candidate is `testedCommit`. */
const passed = (id: string, candidateBase: string, testedCommit = `c-${id}`): Task =>
	task(id, {stage: 'merge', state: 'ready', candidate: `c-${id}`, candidateBase, testedCommit});
const waiting = (id: string, fields: Record<string, string> = {}): Task => task(id, {stage: 'test', state: 'ready', ...fields});

describe('the train', () => {
	test('is the chain of candidates from the head of the base on', () => {
		const mergeQueue = mergeQueueOf([testing('c', 'c-b'), passed('a', 'base'), failed('b', 'c-a')], 'base');
		expect(mergeQueue.entries.map(({task: {id}, place, state}) => [id, place, state])).toEqual([
			['a', 1, 'passed'],
			['b', 2, 'failed'],
			['c', 3, 'testing'],
		]);
		expect(mergeQueue).toMatchObject({outdated: [], queue: []});
		expect(lastEntry(mergeQueue, 'base')).toBe('c-c');
	});

	test('what stands on something that is gone is derailed; what failed there simply waits for its next test', () => {
		const mergeQueue = mergeQueueOf([testing('a', 'old'), passed('b', 'c-a'), failed('c', 'c-b')], 'base');
		expect(mergeQueue.entries).toEqual([]);
		expect(mergeQueue.outdated.map(({id}) => id)).toEqual(['a', 'b']);
		expect(mergeQueue.queue.map(({id}) => id)).toEqual(['c']);
	});

	test('what the guardian lands is never derailed: the base may have moved to it already', () => {
		const merging = task('a', {stage: 'merge', state: 'leased', candidate: 'c-a', candidateBase: 'base'});
		const mergeQueue = mergeQueueOf([merging, passed('b', 'c-a')], 'c-a');
		expect(mergeQueue.entries.map(({task: {id}}) => id)).toEqual(['b']);
		expect(mergeQueue.outdated).toEqual([]);
	});

	test('of two on the same commit the one that has come further stays, else whose turn it was', () => {
		const two = [testing('a', 'base'), passed('b', 'base')];
		expect(mergeQueueOf(two, 'base')).toMatchObject({entries: [{task: {id: 'b'}}], outdated: [{id: 'a'}]});
		const late = task('a', {stage: 'test', state: 'leased', candidate: 'x', candidateBase: 'base', createdAt: '5'});
		expect(mergeQueueOf([late, testing('b', 'base')], 'base')).toMatchObject({entries: [{task: {id: 'b'}}], outdated: [{id: 'a'}]});
	});

	test('takes tasks by priority and age, then whoever was ejected less often', () => {
		const minutes = (count: number): string => String(count * 60_000);
		const queue = [
			waiting('late', {createdAt: minutes(30)}),
			waiting('urgent', {createdAt: minutes(30), priority: '90'}),
			waiting('removed', {createdAt: minutes(1), removals: '1'}),
			waiting('early', {createdAt: minutes(1)}),
		];
		expect(mergeQueueOf(queue, 'base').queue.map(({id}) => id)).toEqual(['urgent', 'early', 'removed', 'late']);
	});

	test('lands the longest prefix that has passed, and no more', () => {
		const mergeQueue = mergeQueueOf([passed('a', 'base'), passed('b', 'c-a'), testing('c', 'c-b'), passed('d', 'c-c')], 'base');
		expect(passedPrefix(mergeQueue).map(({task: {id}}) => id)).toEqual(['a', 'b']);
		const stood = mergeQueueOf([passed('a', 'base'), failed('b', 'c-a'), passed('c', 'c-b')], 'base');
		expect(passedPrefix(stood).map(({task: {id}}) => id)).toEqual(['a']);
	});

	test('lands a batch as a whole or not at all, and tests again what its last candidate no longer covers', () => {
		const batch = [passed('b', 'c-a', 'c-d'), passed('c', 'c-b', 'c-d'), passed('d', 'c-c')];
		const whole = mergeQueueOf([passed('a', 'base'), ...batch], 'base');
		expect(passedPrefix(whole).map(({task: {id}}) => id)).toEqual(['a', 'b', 'c', 'd']);
		const half = mergeQueueOf([passed('a', 'base'), testing('b', 'c-a'), ...batch.slice(1)], 'base');
		expect(passedPrefix(half).map(({task: {id}}) => id)).toEqual(['a']);
		expect(half.outdated).toEqual([]);
		const headless = mergeQueueOf([passed('a', 'base'), ...batch.slice(0, 2)], 'base');
		expect(headless.entries.map(({task: {id}}) => id)).toEqual(['a']);
		expect(headless.outdated.map(({id}) => id)).toEqual(['b', 'c']);
		const untested = mergeQueueOf([passed('a', 'base', 'c-b'), passed('b', 'c-a', 'c-x')], 'base');
		expect(untested).toMatchObject({entries: [], outdated: [{id: 'a'}, {id: 'b'}]});
	});

	test('blames nobody whose predecessor is undecided, and the head only where the base is known to pass', () => {
		const mergeQueue = mergeQueueOf([failed('a', 'base'), failed('b', 'c-a'), passed('c', 'c-b'), failed('d', 'c-c')], 'base');
		expect(['a', 'b', 'd', 'x'].map(id => blameFor(mergeQueue, id, false))).toEqual(['base', 'undecided', 'own', 'outdated']);
		expect(blameFor(mergeQueue, 'a', true)).toBe('own');
		// Only the tests of another change passed ahead: they say nothing about these.
		const partly = mergeQueueOf([{...passed('a', 'base'), testedWith: 'affected'}, failed('b', 'c-a')], 'base');
		expect([blameFor(partly, 'b', true), decidable(partly, true)]).toEqual(['undecided', []]);
		expect(decidable(mergeQueue, true).map(({task: {id}, blame}) => [id, blame])).toEqual([
			['a', 'own'],
			['d', 'own'],
		]);
	});
});

/** A commit of the model: whose changes are in it, and what a person has put on the base. */
type Commit = {readonly tasks: readonly string[]; readonly persons: number; readonly isRed: boolean};

/**
 * A room as the train sees it, driven by the functions under test alone. A candidate fails exactly when it holds a bad task or a red base;
 * who is bad is told to nobody.
 */
class World {
	readonly commits = new Map<string, Commit>([['base-0', {tasks: [], persons: 0, isRed: false}]]);
	readonly tasks = new Map<string, Task>();
	readonly passes = new Set<string>();
	readonly proven = new Set<string>();
	readonly runs = new Map<string, number>();
	/** How often a task was given a reason to be tested again. */
	readonly reasons = new Map<string, number>();
	readonly removed: string[] = [];
	readonly mergedCommit: string[] = [];
	readonly triedOn = new Map<string, string>();
	base = 'base-0';
	failingBase = '';
	readonly bad: ReadonlySet<string>;
	/** A task -> the one that it conflicts with while that one is ahead of it. */
	readonly clashes: ReadonlyMap<string, string>;
	#next = 0;

	/** What may land: the function under test, or a broken one. */
	readonly prefixOf: typeof passedPrefix;

	constructor(bad: ReadonlySet<string>, clashes: ReadonlyMap<string, string>, prefixOf: typeof passedPrefix) {
		this.bad = bad;
		this.clashes = clashes;
		this.prefixOf = prefixOf;
	}

	add(id: string, priority: number): void {
		this.tasks.set(id, waiting(id, {createdAt: String(this.#next++), priority: String(priority)}));
	}
	#write(id: string, fields: Partial<Task>): void {
		const before = this.tasks.get(id);
		if (before) this.tasks.set(id, {...before, ...fields});
	}
	#owe(id: string): void {
		this.reasons.set(id, (this.reasons.get(id) ?? 0) + 1);
	}
	#again(id: string): void {
		this.#owe(id);
		this.#write(id, {stage: 'test', state: 'ready', candidate: '', candidateBase: ''});
	}
	#commit(of: string): Commit {
		return this.commits.get(of) ?? {tasks: [], persons: 0, isRed: false};
	}
	isGood(commit: string): boolean {
		const {tasks, isRed} = this.#commit(commit);
		return !isRed && tasks.every(id => !this.bad.has(id));
	}
	mergeQueue() {
		return mergeQueueOf(this.tasks.values(), this.base);
	}
	/** What a room does whenever something has changed. */
	settle(): void {
		for (let isMoving = true; isMoving; ) {
			const mergeQueue = this.mergeQueue();
			const [loose] = mergeQueue.outdated;
			const [proof] = decidable(mergeQueue, this.proven.has(this.base));
			isMoving = loose !== undefined || proof !== undefined;
			if (loose) this.#again(loose.id);
			else if (proof?.blame === 'own') this.#eject(proof.task);
			else if (proof) this.#testBase(proof.task);
		}
	}
	#eject({id, candidateBase}: Task): void {
		expect(this.isGood(candidateBase), `${id} was ejected for what was broken before it`).toBe(true);
		expect(this.bad.has(id)).toBe(true);
		this.removed.push(id);
		this.#write(id, {stage: 'develop', state: 'ready', candidate: '', candidateBase: ''});
	}
	#testBase({id}: Task): void {
		if (this.isGood(this.base)) this.proven.add(this.base);
		else {
			this.failingBase = this.base;
			this.triedOn.set(id, this.base);
			this.#again(id);
		}
	}
	append(): boolean {
		const mergeQueue = this.mergeQueue();
		const isRed = this.failingBase === this.base;
		if (isRed && mergeQueue.entries.length > 0) return false;
		const next = mergeQueue.queue.find(({id}) => {
			const clash = this.clashes.get(id);
			const isAhead = clash !== undefined && mergeQueue.entries.some(({task: {id: other}}) => other === clash);
			return !isAhead && !(isRed && this.triedOn.get(id) === this.base);
		});
		if (!next) return false;
		// It failed on something that has been ejected since.
		if (next.candidate !== '') this.#owe(next.id);
		const onto = lastEntry(mergeQueue, this.base);
		const candidate = `${next.id}-${this.#next++}`;
		const below = this.#commit(onto);
		this.commits.set(candidate, {...below, tasks: [...below.tasks, next.id], isRed: below.isRed && !next.id.startsWith('mend')});
		this.#write(next.id, {state: 'leased', candidate, candidateBase: onto});
		return true;
	}
	/** One test run ends. */
	finish(which: number): boolean {
		const running = [...this.tasks.values()].filter(({stage, state}) => stage === 'test' && state === 'leased');
		const one = running[which % Math.max(1, running.length)];
		if (!one) return false;
		this.#run(one);
		this.settle();
		return true;
	}
	#run({id, candidate}: Task): boolean {
		this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
		const isGood = this.isGood(candidate);
		if (isGood) {
			this.passes.add(candidate);
			this.proven.add(candidate);
			this.#write(id, {stage: 'merge', state: 'ready', testedCommit: candidate});
		} else this.#write(id, {state: 'ready', failedCandidate: candidate});
		return isGood;
	}
	/** One run covers the last entries that are in their tests; a tester that dies writes the last of them only. */
	finishBatch(size: number, isCutShort: boolean): boolean {
		const {entries} = this.mergeQueue();
		const batch = entries.slice(-size);
		if (batch.length < 2 || batch.some(({state}) => state !== 'testing')) return false;
		const results = new Map<number, boolean>();
		let step = nextStep(batch.length, results);
		for (; step.kind === 'test'; step = nextStep(batch.length, results)) {
			const at = batch[step.place - 1]?.task.candidate ?? '';
			results.set(step.place, this.isGood(at));
			if (this.isGood(at)) this.passes.add(at);
		}
		expect(results.size).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(batch.length)));
		const passed = step.kind === 'passed' ? batch.length : step.place - 1;
		const last = batch[passed - 1]?.task.candidate ?? '';
		if (passed > 0) this.proven.add(last);
		for (const [at, {task}] of [...batch.entries()].reverse()) {
			if (at >= passed || (isCutShort && at < passed - 1)) this.#again(task.id);
			else this.#write(task.id, {stage: 'merge', state: 'ready', testedCommit: last});
		}
		const found = step.kind === 'found' && passed > 0 && !isCutShort ? batch[passed]?.task : undefined;
		if (found) this.#eject(found);
		this.settle();
		return true;
	}
	crash(which: number): void {
		const running = [...this.tasks.values()].filter(({stage, state}) => stage === 'test' && state === 'leased');
		const one = running[which % Math.max(1, running.length)];
		if (one) this.#again(one.id);
		this.settle();
	}
	/** The guardian lands; the record may hear of it before or after the base has moved. */
	mergeCandidate(isCutShort: boolean): boolean {
		const entries = this.prefixOf(this.mergeQueue());
		const last = entries.at(-1);
		if (!last) return false;
		expect(this.passes.has(last.task.candidate), `${last.task.id} lands untested`).toBe(true);
		for (const {task: entry} of entries) {
			this.#write(entry.id, {state: 'leased'});
		}
		this.settle();
		if (!isCutShort) {
			this.base = last.task.candidate;
			this.settle();
		}
		for (const {task: entry} of entries) {
			if (isCutShort) this.#write(entry.id, {state: 'ready'});
			else {
				this.mergedCommit.push(entry.id);
				this.#write(entry.id, {state: 'merged', mergedCommit: entry.candidate});
			}
		}
		this.settle();
		return true;
	}
	person(isRed: boolean): void {
		const below = this.#commit(this.base);
		this.base = `base-${this.#next++}`;
		this.commits.set(this.base, {...below, persons: below.persons + 1, isRed});
		this.settle();
	}
	/** Everything that can happen happens until nothing is left to do. */
	runOut(): void {
		for (let steps = 0; ; steps++) {
			expect(steps, 'the train runs for ever').toBeLessThan(5000);
			const wasAppended = this.append() && this.append() && this.append();
			if (!this.finish(steps) && !this.mergeCandidate(false) && !wasAppended && !this.append()) return;
		}
	}
}

const step = fc.oneof(
	{weight: 6, arbitrary: fc.constant({kind: 'append' as const})},
	{weight: 6, arbitrary: fc.record({kind: fc.constant('finish' as const), which: fc.nat(9)})},
	{weight: 4, arbitrary: fc.record({kind: fc.constant('batch' as const), size: fc.integer({min: 2, max: 6}), isCutShort: fc.boolean()})},
	{weight: 3, arbitrary: fc.record({kind: fc.constant('land' as const), isCutShort: fc.boolean()})},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('person' as const), isRed: fc.boolean()})},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('crash' as const), which: fc.nat(9)})},
);
const world = fc.record({
	tasks: fc.array(fc.record({priority: fc.nat(100), isBad: fc.boolean(), mends: fc.boolean(), clash: fc.option(fc.nat(11))}), {
		minLength: 1,
		maxLength: 12,
	}),
	steps: fc.array(step, {maxLength: 60}),
});

const property = (prefixOf: typeof passedPrefix) =>
	fc.property(world, ({tasks, steps}) => {
		const names = tasks.map(({mends}, at) => `${mends ? 'mend' : 'task'}-${at}`);
		const nameAt = (at: number | null): string => (at === null ? '' : (names[at] ?? ''));
		const isBad = new Set(names.filter((_, at) => tasks[at]?.isBad));
		const room = new World(isBad, new Map(tasks.map(({clash}, at) => [nameAt(at), nameAt(clash)])), prefixOf);
		for (const [at, {priority}] of tasks.entries()) room.add(nameAt(at), priority);
		for (const one of steps) {
			if (one.kind === 'append') room.append();
			else if (one.kind === 'finish') room.finish(one.which);
			else if (one.kind === 'batch') room.finishBatch(one.size, one.isCutShort);
			else if (one.kind === 'land') room.mergeCandidate(one.isCutShort);
			else if (one.kind === 'person') room.person(one.isRed);
			else room.crash(one.which);
			const {entries} = room.mergeQueue();
			for (const [place, {task: entry}] of entries.entries())
				expect(entry.candidateBase).toBe(place === 0 ? room.base : entries[place - 1]?.task.candidate);
		}
		room.runOut();
		if (!room.isGood(room.base)) room.person(false);
		room.runOut();
		const good = names.filter(name => !isBad.has(name));
		expect(room.mergedCommit.toSorted()).toEqual(good.toSorted());
		expect(room.removed.toSorted()).toEqual([...isBad].toSorted());
		for (const name of names)
			expect(room.runs.get(name) ?? 0, `${name} was tested without a reason`).toBeLessThanOrEqual(1 + (room.reasons.get(name) ?? 0));
	});

test('whatever passes, fails, crashes, conflicts or moves: who is ejected is to blame, what lands has passed, and nothing starves', () => {
	fc.assert(property(passedPrefix), {numRuns: 500});
});

test('a queue that lands a batch without its tested tail is noticed', () => {
	const mutant = ({entries}: MergeQueue) =>
		entries.slice(
			0,
			Math.max(
				0,
				entries.findIndex(({state}) => state !== 'passed' && state !== 'merging'),
			),
		);
	expect(fc.check(property(mutant), {numRuns: 2000}).failed).toBe(true);
});
