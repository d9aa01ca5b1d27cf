import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createNotifyCommand} from '../../../source/commands/room/terminals.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {until} from '../../helpers/wait.ts';

test('the command gets the text in its environment alone, one at a time and the last of what came meanwhile', async () => {
	const folder = temporaryFolder();
	const [out, gate] = [join(folder, 'out'), join(folder, 'gate')];
	const script = 'printf "%s %s\\n" "$AGENT_ROOM_NOTICE_KIND" "$AGENT_ROOM_NOTICE" >>"$1"; until [ -e "$2" ]; do sleep 0.02; done';
	const tell = createNotifyCommand(['sh', '-c', script, 'sh', out, gate]);
	const lines = (): string[] => (existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : []);
	const hostile = `dev-1 asks: $(touch ${join(folder, 'owned')}); "x"`;
	tell({kind: 'asks', text: hostile});
	tell({kind: 'asks', text: 'second'});
	tell({kind: 'done', text: 'third'});
	await until(() => lines().length === 1, {what: 'the first notice'});
	createNotifyCommand(['touch', gate])({kind: 'done', text: ''});
	await until(() => lines().length === 2, {what: 'the last notice'});
	expect(lines()).toEqual([`asks ${hostile}`, 'done third']);
	expect(existsSync(join(folder, 'owned'))).toBe(false);
});
