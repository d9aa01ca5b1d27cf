import {existsSync, mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import type {Room} from '../../../source/room/parts/parts.ts';
import {tidyKept} from '../../../source/room/recovery/kept.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {coordinationOn, submission} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
const DAY_MS = 86_400_000;

test('kept files and sessions go once they are old and no unfinished task names them, and never while Redis may have lost tasks', async () => {
	const stateFolder = temporaryFolder('s');
	const team = coordinationOn(server.connection, server.newNamespace());
	const now = Date.now();
	const keep = (path: string, days: number): string => {
		const file = join(stateFolder, path);
		mkdirSync(dirname(file), {recursive: true});
		writeFileSync(file, 'kept');
		utimesSync(file, (now - days * DAY_MS) / 1000, (now - days * DAY_MS) / 1000);
		return file;
	};
	const [named, unnamed, fresh, over] = ['a', 'b', 'c', 'd'].map((digit, at) =>
		keep(`files/${digit.repeat(16)}/shot.png`, at === 2 ? 1 : 8),
	) as [string, string, string, string];
	const [continued, ended] = ['1111', '2222'].map(id => keep(`forked/.claude/projects/p/${id}.jsonl`, 8)) as [string, string];
	await team.submit(submission({id: 'open', description: `See [file ${'a'.repeat(16)}/shot.png].`, adopts: 'claude 1111'}));
	await team.submit(submission({id: 'over', description: `See [file ${'d'.repeat(16)}/shot.png].`, adopts: 'claude 2222'}));
	await team.cancel('over', 'no');
	const lost = {is: true};
	const room = {
		facts: {options: {stateFolder}},
		link: {coordination: team, isRecovering: () => false, isConnected: () => true, hasLostData: async () => lost.is},
	} as unknown as Pick<Room, 'facts' | 'link'>;
	const there = () => [named, unnamed, fresh, over, continued, ended].map(file => existsSync(file));
	await tidyKept(room, now);
	expect(there()).toEqual([true, true, true, true, true, true]);
	lost.is = false;
	await tidyKept(room, now);
	expect(there()).toEqual([true, false, true, false, true, false]);
});
