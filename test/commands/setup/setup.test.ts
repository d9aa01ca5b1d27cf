import {chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findProgram} from '../../../source/commands/config/team.ts';
import {agentRoom} from '../../helpers/room.ts';

/** A machine with nothing on its PATH but a package manager that notes its calls and `installs` what it can. */
let folder = '';
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'room-setup-')));
	for (const program of ['env', 'sh', 'cp', 'chmod'])
		symlinkSync(findProgram(program, process.env.PATH ?? '') ?? '', join(folder, program));
	// As root none of the commands goes through it; anybody else's tests see the same.
	put('sudo', 'exec "$@"');
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const put = (program: string, text: string): void => {
	writeFileSync(join(folder, program), `#!/bin/sh\n${text}\n`);
	chmodSync(join(folder, program), 0o755);
};
const packageManager = (missing = ''): void =>
	put(
		'apt-get',
		`echo "apt-get $*" >&2
[ "$1" = install ] || exit 100
for name; do case "$name" in bubblewrap) [ "$name" = "${missing}" ] && exit 100; cp "${folder}/sudo" "${folder}/bwrap" ;;
redis-server|git|tmux|valkey-server) [ "$name" = "${missing}" ] || cp "${folder}/sudo" "${folder}/$name" ;; esac; done`,
	);
const setup = (...args: readonly string[]) => agentRoom(['setup', ...args], {cwd: '/', env: {PATH: folder, HOME: folder}});
const runs = (stderr: string): readonly string[] => stderr.split('\n').filter(line => line.startsWith('apt-get '));

describe('agent-room setup', () => {
	test('installs what is missing although the lists could not be read anew, and nothing the second time', async () => {
		packageManager();
		const first = await setup('--yes');
		expect(first).toMatchObject({code: 0, stdout: 'Installed: redis, git and bubblewrap.\n'});
		expect(runs(first.stderr)).toEqual(['apt-get update -q', 'apt-get install -q -y --no-install-recommends redis-server git bubblewrap']);
		expect(await setup('--yes')).toMatchObject({code: 0, stdout: 'Here already: redis, git and bubblewrap.\n', stderr: ''});
	});

	test('goes on without a sandbox where it cannot be had, and says so', async () => {
		packageManager('bubblewrap');
		const {code, stdout, stderr} = await setup('--yes');
		expect([code, stdout]).toEqual([0, 'Installed: redis and git.\n']);
		expect(stderr).toContain('bubblewrap was not installed: the package manager has none. Agents will run without a sandbox.');
		expect(await setup('--yes')).toMatchObject({code: 0, stdout: 'Here already: redis and git.\n'});
	});

	test('installs what tests need only where it is asked for', async () => {
		packageManager();
		put('redis-server', '');
		put('git', '');
		put('ps', '');
		put('bwrap', '');
		const asked = await setup('--yes', '--with', 'tmux,ps,valkey', '--json');
		expect(asked).toMatchObject({code: 0, stdout: '{"installed":["tmux","valkey"]}\n'});
		expect(runs(asked.stderr).at(-1)).toBe('apt-get install -q -y --no-install-recommends tmux valkey-server');
		expect(await setup('--with', 'tmxu')).toMatchObject({
			code: 2,
			stdout: '',
			stderr: 'agent-room: `--with` knows no `tmxu`.\nDid you mean `tmux`?\n',
		});
	});

	test('says what is missing still, that nobody can be asked, and that it knows no package manager', async () => {
		expect(await setup('--yes')).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/^agent-room: No package manager that I know can install redis, git and bubblewrap here\.\n/),
		});
		packageManager('redis-server');
		expect(await setup()).toMatchObject({code: 3, stderr: 'agent-room: There is nobody to ask.\n`agent-room setup --yes` does not ask.\n'});
		const {code, stderr} = await setup('--yes');
		expect(code).toBe(1);
		expect(stderr).toContain('agent-room: The package manager ran, but redis is still missing.\nInstall it by hand.\n');
	});
});
