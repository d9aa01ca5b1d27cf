import {execFileSync} from 'node:child_process';
import {truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {LARGEST_FILE} from '../../../source/core/intake/attached.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, openEngine} from '../../helpers/engine.ts';

test('a file of the person goes with a task to its agent, which finds a copy at the path in its prompt', async () => {
	const room = await openEngine({
		agents: {
			developer: 'grep -o "/[^ ]*/shot.txt" "$AGENT_ROOM_BRIEF_FILE" | head -1 | xargs cat >"$AGENT_ROOM_TASK.txt"',
			'code-sentinel': APPROVES,
		},
	});
	const folder = temporaryFolder('p');
	const path = join(folder, 'shot.txt');
	writeFileSync(path, 'what the person sees\n');
	const mark = await room.store.keepFile(path);
	writeFileSync(path, 'changed later\n');
	await room.must({type: 'add-task', title: 'Look', id: 't-1', description: `See ${String(mark)} first.`});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.repository.git(['show', 'main:t-1.txt'])).toContain('what the person sees');

	expect(await room.store.keepFile(join(folder, 'nothing'))).toBeUndefined();
	expect(await room.store.keepFile(folder)).toBeUndefined();
	execFileSync('mkfifo', [join(folder, 'fifo')]);
	expect(await room.store.keepFile(join(folder, 'fifo'))).toBeUndefined();
	truncateSync(path, LARGEST_FILE + 1);
	expect(await room.store.keepFile(path)).toMatchObject({
		code: 'file-too-large',
		message: expect.stringMatching(/shot\.txt` has 11 MB; agents get files up to 10 MB\.$/),
	});
});
