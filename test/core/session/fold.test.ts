import {describe, expect, test} from 'vitest';
import type {Session} from '../../../source/core/session/evidence.ts';
import {answeredByKeys, foldReading, holdQuestion, letGo, newSession, settle} from '../../../source/core/session/fold.ts';
import type {Reading} from '../../../source/core/session/reading.ts';
import type {SessionState, Source} from '../../../source/core/session/session.ts';
import {live, PROFILES, QUESTION, without} from './session-world.ts';

/** A number generator that gives the same numbers for the same seed. */
const randomOf = (seed: number) => {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
};

const said = (source: Source, state: SessionState | undefined, more: Partial<Reading> = {}): Reading => ({
	source,
	sign: `${source} ${state ?? 'nothing'}`,
	...(state ? {state} : {}),
	...more,
});

/** Readings at their moments, then a look at the last moment. */
const seeing = (...steps: ReadonlyArray<readonly [at: number, reading?: Reading]>): Session =>
	steps.reduce((session, [at, reading]) => (reading ? foldReading(session, reading, at) : settle(session, at)), newSession(0));

const shown = (session: Session): readonly [SessionState, string] => [session.state, session.evidence];

describe('what an agent does follows from the sign with the most authority:', () => {
	test('a hook says what it does, whatever its screen shows shortly after', () => {
		expect(shown(seeing([10, said('hook', 'working')], [500, said('screen', 'idle')], [5000]))).toEqual(['working', 'hook working']);
		expect(shown(seeing([10, said('hook', 'idle')], [500, said('screen', 'working')], [1500]))).toEqual(['idle', 'hook idle']);
	});

	test('a later word of the stream holds once no hook says else', () => {
		const steps = [
			[10, said('hook', 'working')],
			[4000, said('stream', 'idle')],
		] as const;
		expect(seeing(...steps, [4100]).state).toBe('working');
		expect(seeing(...steps).againAt).toBe(4400);
		expect(shown(seeing(...steps, [4400]))).toEqual(['idle', 'stream idle']);
		expect(seeing(...steps, [4300, said('hook', 'working')], [9000]).state).toBe('working');
	});

	test('the end of a turn does not undo how it failed', () => {
		const failed = seeing([10, said('hook', 'rate-limited', {retryMs: 5000, reason: '429'})], [20, said('stream', 'idle')], [9000]);
		expect([failed.state, failed.reason, failed.retryMs]).toEqual(['rate-limited', '429', 5000]);
		expect(seeing([10, said('hook', 'rate-limited')], [900, said('stream', 'working')], [1300]).state).toBe('working');
	});

	test('the end of its process is the last word', () => {
		expect(seeing([10, said('hook', 'working')], [20, said('process', 'crashed')], [30, said('hook', 'working')]).state).toBe('crashed');
	});

	test('what is shown fills a silence of the hooks, but never says that it is idle', () => {
		expect(seeing([500, said('screen', 'working')]).state).toBe('working');
		expect(seeing([500, said('screen', 'needs-input', {question: QUESTION})]).question).toEqual(QUESTION);
		const idle = seeing([500, said('screen', 'idle')], [30_000]);
		expect(idle.state).toBe('starting');
		expect(settle(idle, 45_000)).toMatchObject({
			state: 'unknown',
			reason: 'no signal since its start; screen idle alone is not enough',
		});
	});

	test('a dialog that no hook told of is asked about once it has stood a second', () => {
		const dialog = seeing([10, said('hook', 'working')], [2000, said('screen', 'needs-input', {question: QUESTION})]);
		expect(dialog.state).toBe('working');
		expect(settle(dialog, 3000)).toMatchObject({state: 'needs-input', source: 'screen', question: QUESTION});
	});

	test('contradiction, and silence where there ought to be signs, is unknown and says why', () => {
		const against = seeing([10, said('hook', 'working')], [1000, said('screen', 'idle')], [6000]);
		expect(against).toMatchObject({state: 'unknown', source: undefined, evidence: 'hook working against screen idle'});
		expect(foldReading(against, said('hook', 'idle'), 6100).state).toBe('idle');
		expect(seeing([10, said('hook', 'working')], [120_010])).toMatchObject({
			state: 'unknown',
			reason: 'no signal since hook working',
		});
		expect(seeing([10, said('hook', 'working')], [500, said('screen', 'working')], [900_000]).state).toBe('working');
		expect(seeing([10], [45_000])).toMatchObject({state: 'unknown', reason: 'no signal since its start'});
	});

	test('a word that was overruled by what is shown holds again once all that is shown agrees with it', () => {
		const overruled = seeing([10, said('hook', 'idle')], [1000, said('screen', 'working')], [3000]);
		expect(shown(overruled)).toEqual(['working', 'screen working']);
		const quiet = foldReading(overruled, said('screen', 'idle'), 4000);
		expect(quiet.state).toBe('working');
		expect(shown(settle(quiet, 5000))).toEqual(['idle', 'hook idle']);
		expect(settle(foldReading(overruled, said('screen', undefined), 4000), 6000).state).toBe('unknown');
	});

	test('what a program says of itself before its first prompt is no end of a turn', () => {
		expect(shown(seeing([10, said('stream', 'idle')], [5000]))).toEqual(['starting', 'stream idle']);
		expect(seeing([10, said('stream', 'idle')], [500, said('hook', 'working')], [900, said('stream', 'idle')], [1300]).state).toBe('idle');
	});

	test('a dialog is no question yet where hooks tell of every question and may be late', () => {
		const session = [said('hook', 'working'), said('stream', 'needs-input'), said('screen', 'needs-input', {question: QUESTION})].reduce(
			(folded, reading, index) => foldReading(folded, reading, 10 + index),
			newSession(0, {asksByHook: true}),
		);
		expect(settle(session, 3000).state).toBe('working');
		expect(settle(session, 3020)).toMatchObject({state: 'needs-input', question: QUESTION});
	});

	test('a headless one may be silent: its process tells', () => {
		expect(settle(foldReading(newSession(0, {isHeadless: true}), said('stream', 'working'), 10), 3_000_000).state).toBe('working');
	});

	test('an agent that is ready and takes up no prompt is unknown', () => {
		expect(seeing([10, said('hook', 'starting')], [500, said('screen', 'idle')], [15_500])).toMatchObject({
			state: 'unknown',
			reason: 'idle, but it has not accepted a prompt',
		});
	});
});

describe('a question', () => {
	const held = holdQuestion(seeing([10, said('hook', 'working')]), {id: 'a', question: QUESTION, sign: 'hook PermissionRequest'}, 100);

	test('that a hook holds stands whatever else is seen, until it is let go', () => {
		const later = [said('stream', 'idle'), said('screen', 'idle'), said('hook', 'working'), said('notice', 'working')].reduce(
			(session, reading, index) => foldReading(session, reading, 1000 + index),
			held,
		);
		expect(settle(later, 600_000)).toMatchObject({state: 'needs-input', question: QUESTION, evidence: 'hook PermissionRequest'});
	});

	test('of several the first is asked, then the next', () => {
		const other = {...QUESTION, text: 'May it edit a.ts?'};
		const two = holdQuestion(held, {id: 'b', question: other, sign: 'hook PermissionRequest'}, 110);
		expect(two.question).toEqual(QUESTION);
		expect(letGo(two, 'a', {sign: 'answered', how: 'gone'}, 200)).toMatchObject({state: 'needs-input', question: other});
		expect(letGo(letGo(two, 'b', {sign: 'answered', how: 'gone'}, 200), 'a', {sign: 'answered', how: 'gone'}, 210)).toMatchObject({
			state: 'working',
			question: undefined,
		});
	});

	test('whose hook hung up while the dialog stays on the screen is still asked', () => {
		const shownToo = foldReading(held, said('screen', 'needs-input', {question: QUESTION}), 500);
		const hungUp = letGo(shownToo, 'a', {sign: 'the hook hung up', how: 'gone'}, 2000);
		expect(hungUp.state).toBe('working');
		expect(settle(hungUp, 3999).state).toBe('working');
		expect(settle(hungUp, 4000)).toMatchObject({state: 'needs-input', source: 'screen'});
		expect(settle(foldReading(hungUp, said('screen', 'working'), 2400), 9000).state).toBe('working');
		expect(foldReading(hungUp, said('stream', 'idle'), 2100).state).toBe('idle');
	});

	test('that a hook answered is not asked again while its dialog takes its time to go', () => {
		const answered = letGo(
			foldReading(held, said('screen', 'needs-input', {question: QUESTION}), 500),
			'a',
			{sign: 'answered', how: 'answered'},
			2000,
		);
		const late = foldReading(answered, said('stream', 'needs-input'), 2500);
		expect(settle(late, 9999).state).toBe('working');
		expect(settle(late, 10_000)).toMatchObject({state: 'needs-input'});
		expect(settle(foldReading(late, said('stream', 'working'), 3000), 3000).state).toBe('working');
	});

	test('that comes after one that was answered by keys is another', () => {
		const typed = answeredByKeys(seeing([10, said('hook', 'needs-input', {question: QUESTION})]), 'answered by keys', 1000);
		const other = {...QUESTION, text: 'May it edit a.ts?'};
		expect(settle(foldReading(typed, said('screen', 'needs-input', {question: other}), 1200), 2200)).toMatchObject({
			state: 'needs-input',
			question: other,
		});
		expect(settle(foldReading(typed, said('screen', 'needs-input', {question: QUESTION}), 1200), 3000).state).toBe('working');
	});

	test('without a hook that holds it is over with the next word, or once its dialog left the screen', () => {
		const asked = seeing([10, said('hook', 'needs-input', {question: QUESTION})], [500, said('screen', 'needs-input')], [9000]);
		expect(asked).toMatchObject({state: 'needs-input', question: QUESTION});
		expect(foldReading(asked, said('hook', 'working'), 9100).state).toBe('working');
		const gone = foldReading(asked, said('screen', 'idle'), 9100);
		expect(gone.state).toBe('needs-input');
		expect(settle(gone, 11_100)).toMatchObject({state: 'unknown'});
		expect(settle(foldReading(asked, said('screen', 'working'), 9100), 9500).state).toBe('working');
	});

	test('that was answered by keys is asked again where its dialog stays', () => {
		const asked = seeing(
			[10, said('hook', 'needs-input', {question: QUESTION})],
			[500, said('screen', 'needs-input', {question: QUESTION})],
		);
		const typed = answeredByKeys(asked, 'answered by keys: Yes', 3000);
		expect(typed.state).toBe('working');
		expect(settle(typed, 6000)).toMatchObject({state: 'needs-input', source: 'screen'});
	});

	test('whose dialog the screen never showed is unknown rather than over', () => {
		expect(seeing([10, said('hook', 'needs-input')], [500, said('screen', 'working')], [5500])).toMatchObject({state: 'unknown'});
	});
});

test('a session keeps what was said beside its state, and the last signs of each source', () => {
	const session = seeing(
		...Array.from(
			{length: 9},
			(_, index) => [index, said('hook', 'working', {doing: `step ${index}`, isPromptTaken: index === 3})] as const,
		),
		[
			20,
			said('stream', 'working', {
				session: 's-1',
				transcript: '/t',
				said: 'hello',
				usage: {micros: 1, tokensIn: 2, tokensOut: 3, isTotal: true},
			}),
		],
	);
	expect(session).toMatchObject({
		id: 's-1',
		transcript: '/t',
		doing: 'step 8',
		said: 'hello',
		prompts: 1,
		promptAt: 3,
		usage: {tokensIn: 2},
	});
	expect(session.signs.map(({source, at}) => [source, at])).toEqual([['stream', 20], ...[8, 7, 6, 5, 4].map(at => ['hook', at])]);
});

describe('a program whose true state is known', () => {
	/** Lives that show another state than the true one, or one that it was of late, or `unknown`. */
	const wrong = (profile: (typeof PROFILES)[number], lives: number, isIgnorant = true): readonly string[] =>
		Array.from({length: lives}, (_, seed) => live(profile, 30, randomOf(seed * 7919 + 17)))
			.flat()
			.filter(({truth, session}) => !truth.includes(session.state) && !(isIgnorant && session.state === 'unknown'))
			.map(({at, truth, session}) => `${profile.name} at ${at}: ${session.state} by ${session.evidence}, in truth ${truth.join(', ')}`);

	test.each(PROFILES.slice(0, 2).map(profile => [profile.name, profile] as const))('is known with %s', (_, profile) => {
		expect(wrong(profile, 60, false)).toEqual([]);
	});

	test.each(PROFILES.map(profile => [profile.name, profile] as const))(
		'is never shown as another when one sign of %s is gone',
		(_, profile) => {
			for (const gone of new Set(profile.signs.map(({sign}) => sign))) {
				expect(
					wrong(
						without(profile, ({sign}) => sign === gone),
						25,
					),
				).toEqual([]);
			}
		},
	);

	test.each(PROFILES.map(profile => [profile.name, profile] as const))(
		'is never shown as another when a whole source of %s is gone',
		(_, profile) => {
			for (const gone of new Set(profile.signs.map(({source}) => source))) {
				expect(
					wrong(
						without(profile, ({source}) => source === gone),
						25,
					),
				).toEqual([]);
			}
		},
	);

	test('is unknown, or starting, where none of its signs is known any more', () => {
		const silent = without(PROFILES[0] ?? {name: '', signs: []}, () => true);
		const states = new Set(live(silent, 30, randomOf(5)).map(({session}) => session.state));
		expect([...states].toSorted()).toEqual(['starting', 'unknown']);
	});
});
