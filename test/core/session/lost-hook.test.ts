import {expect, test} from 'vitest';
import {foldReading, newSession, settle} from '../../../source/core/session/fold.ts';
import type {Reading} from '../../../source/core/session/reading.ts';

const AT = 10_000;
const working: Reading = {source: 'hook', sign: 'hook AfterTool', state: 'working', isPromptTaken: true};
const title: Reading = {source: 'notice', sign: 'title Ready', state: 'idle'};
const screen: Reading = {source: 'screen', sign: 'screen input', state: 'idle'};
const after = (readings: readonly Reading[], ms: number) =>
	settle(
		readings.reduce((session, reading) => foldReading(session, reading, AT), newSession(0)),
		AT + ms,
	);

test('a hook that was lost heals: title and screen at rest for long are believed, and say that only they do', () => {
	expect(after([working, title, screen], 6000).state).toBe('unknown');
	expect(after([working, title, screen], 12_500)).toMatchObject({state: 'idle', source: 'notice'});
	expect(after([working, screen], 60_000).state).toBe('unknown');
});
