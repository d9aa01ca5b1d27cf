import {expect, test} from 'vitest';
import {openEngine} from '../../helpers/engine.ts';

/** The first time its own check fails; after the failed tests it passes. */
const MENDS = [
	'case "$AGENT_ROOM_TASK" in bad) if grep -q "tests failed" "$AGENT_ROOM_BRIEF_FILE"; then C=true; else C=false; fi ;; *) C=true ;; esac',
	'echo "$C" >"check-$AGENT_ROOM_TASK.sh"',
].join('\n');
/** The checks of the changed files: what is changed exists only with the change. */
const AFFECTED = `tr '\\0' '\\n' | grep '^check-[a-z]*\\.sh$' | sed 's/^/sh .\\//'`;

test('only the checks of a change run, and it is sent back on the proof of all tests where its own do not exist without it', async () => {
	const room = await openEngine({
		agents: {developer: MENDS},
		config: {test: 'echo all >>"$D/all"', affected: AFFECTED, fullTests: 'off', review: 'off', batch: 'off', testRetries: 0},
	});
	await room.must({type: 'add-task', title: 'good', id: 'good'});
	await room.when('it is merged', () => room.task('good').state === 'merged');
	expect(room.task('good')).toMatchObject({testedWith: 'affected', testExit: 0});
	expect(room.has('all')).toBe(false);

	await room.must({type: 'add-task', title: 'bad', id: 'bad'});
	await room.when('it is merged in its second attempt', () => room.task('bad').state === 'merged');
	expect(room.task('bad')).toMatchObject({failures: 1, removals: 1, testedWith: 'affected'});
	expect(room.events.find(({type}) => type === 'entry_removed')?.text).toMatch(/^tests failed \(exit 1 .*main at .{7} passes: removed/);
	// The base was tested as a whole, once.
	expect(room.read('all')).toBe('all');
	expect(room.events.filter(({type, task}) => type === 'task_completed' && task === 'bad').at(-1)?.text).toContain('affected tests passed');
	expect(room.store.getSnapshot().banners).toEqual([]);
});
