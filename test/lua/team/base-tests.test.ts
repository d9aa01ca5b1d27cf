import {expect, test} from 'vitest';
import {stateOf, takeFullResult} from '../../../source/core/queue/full-tests.ts';
import type {FullTests} from '../../../source/core/team/full-tests.ts';
import {emptySnapshot, reduce} from '../../../source/core/team/snapshot.ts';
import {asLeader} from '../../../source/redis/leading.ts';
import {coordinationOn} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
const options = {isSearch: false, base: 'main', taskOf: () => 't-2'};

test('what the tests of the base show is written once, by the room that leads, and events tell all of it', async () => {
	const team = coordinationOn(server.connection, server.newNamespace());
	const known = async (): Promise<FullTests> => (await team.snapshot()).team.control.fullTests;
	const before = await known();
	const passed = takeFullResult({full: before, since: undefined}, {commit: 'c1', end: 'passed', why: ''}, options);
	expect(await team.noteBaseTests({...passed, was: stateOf(before)})).toBe('ok');
	const passing = await known();
	expect(passing).toMatchObject({passed: 'c1', tested: 'c1', failed: '', failedAt: 0, testedAt: expect.any(Number)});
	expect(passing.testedAt).toBeGreaterThan(0);
	// Started before that one was recorded, by a room that was stopped meanwhile.
	expect(await team.noteBaseTests({...passed, was: stateOf(before)})).toBe('stale');
	const failed = takeFullResult({full: passing, since: ['c2']}, {commit: 'c2', end: 'failed', why: 'exit 1'}, options);
	await expect(asLeader('1:of-another', () => team.noteBaseTests({...failed, was: stateOf(passing)}))).rejects.toThrow();
	expect(await known()).toEqual(passing);
	expect(await team.noteBaseTests({...failed, was: stateOf(passing)})).toBe('ok');
	const failing = await known();
	expect(failing).toMatchObject({passed: 'c1', failed: 'c2', found: 'c2', task: 't-2', why: 'exit 1'});
	expect(failing.failedAt).toBe(failing.testedAt);
	expect(reduce(emptySnapshot, await team.events('0-0', 100)).control.fullTests).toEqual(failing);
});
