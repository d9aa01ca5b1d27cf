import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findOnPath} from '../../../source/os/find-program.ts';
import {pathWithOwnPrograms} from '../../../source/os/packages/own-programs.ts';
import {agentRoom} from '../../helpers/room.ts';

/** A machine with nothing on its PATH but a package manager that notes its calls and `installs` what it can. */
let folder = '';
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'room-setup-')));
	for (const program of ['env', 'sh', 'cp', 'chmod', 'mkdir'])
		symlinkSync(findOnPath(program, process.env.PATH ?? '') ?? '', join(folder, program));
	// As root none of the commands goes through it; anybody else's tests see the same.
	put('sudo', 'exec "$@"');
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const put = (program: string, text: string): void => {
	writeFileSync(join(folder, program), `#!/bin/sh\n${text}\n`);
	chmodSync(join(folder, program), 0o755);
};
/** An apt that notes its calls; `missing` is a package that its distribution does not have. */
const packageManager = (missing = ''): void => {
	put(
		'apt-get',
		`words=
for word; do case "$word" in Dir::Cache::archives=*) archives=\${word#*=} ;; Dir::*|Debug::*|APT::*|-o) ;; *) words="$words $word" ;; esac; done
echo "apt-get$words" >&2
case "$words" in *" install"*) ;; *) exit 100 ;; esac
for name; do
	case "$name" in -*|install|*=*) continue ;; esac
	[ "$name" != "${missing}" ] || exit 100
	case "$words" in
	*--download-only*) echo "$name" >"$archives/$name.deb" ;;
	*) case "$name" in bubblewrap) cp "${folder}/sudo" "${folder}/bwrap" ;; redis-server|git|tmux|valkey-server) cp "${folder}/sudo" "${folder}/$name" ;; esac ;;
	esac
done`,
	);
	put(
		'dpkg-deb',
		`read -r name <"$2"; mkdir -p "$3/usr/bin"
case "$name" in bubblewrap) name=bwrap ;; *-tools) exit 0 ;; esac
printf '#!/bin/sh\necho "%s $*"\n' "$name" >"$3/usr/bin/$name"; chmod 755 "$3/usr/bin/$name"`,
	);
};
const setup = (...args: readonly string[]) => agentRoom(['setup', ...args], {cwd: '/', env: {PATH: folder, HOME: folder}});
const runs = (stderr: string): readonly string[] => stderr.split('\n').filter(line => line.startsWith('apt-get '));

describe('agent-room setup', () => {
	test('unpacks what is missing for this user alone, starts it, lists it and removes it', async () => {
		packageManager();
		const first = await setup('--yes');
		expect(first).toMatchObject({code: 0, stdout: 'Installed: redis, git and bubblewrap.\n'});
		const quiet = '-qq -y --no-install-recommends --reinstall --download-only install';
		expect(runs(first.stderr)).toEqual(['apt-get -qq update', `apt-get ${quiet} redis-server redis-tools git bubblewrap`]);
		const programs = join(folder, '.local/share/agent-room/programs');
		expect(readdirSync(programs).sort()).toEqual(['bin', 'lib', 'programs.json']);
		expect(execFileSync(join(programs, 'bin', 'redis-server'), ['--port', '0'], {encoding: 'utf8'})).toBe('redis-server --port 0\n');
		expect(await setup('--yes')).toMatchObject({code: 0, stdout: 'Already installed: redis, git and bubblewrap.\n', stderr: ''});
		expect((await setup('--list')).stdout).toBe(
			['redis-server', 'git         ', 'bwrap       '].map(name => `${name}  ${programs}/lib/usr/bin/${name.trim()}\n`).join(''),
		);
		// Whoever may write there could put a program of theirs in the place of one.
		chmodSync(programs, 0o777);
		expect((await setup('--list')).stdout).toContain('redis-server');
		expect(pathWithOwnPrograms({PATH: '/bin', HOME: folder})).toBe('/bin');
		chmodSync(programs, 0o700);
		expect(pathWithOwnPrograms({PATH: '/bin', HOME: folder})).toBe(`/bin:${programs}/bin`);
		expect(await setup('--remove')).toMatchObject({code: 0, stdout: 'Removed: redis-server, git and bwrap.\n'});
		expect(existsSync(programs)).toBe(false);
		expect((await setup('--list')).stdout).toBe(`Nothing is unpacked below ${programs}.\n`);
	});

	test('that cannot download says which command failed, and how to install for everybody; nothing half is left', async () => {
		packageManager('redis-server');
		const {code, stderr} = await setup('--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(
			/agent-room: `apt-get .* redis-server redis-tools git` ended with 100\.\nTo install for all users, as root: `agent-room setup --system`\.\n$/,
		);
		expect(readdirSync(join(folder, '.local/share/agent-room/programs'))).toEqual(['lib']);
	});

	test('--system installs for everybody although the lists could not be read anew, and nothing the second time', async () => {
		packageManager();
		const first = await setup('--yes', '--system');
		expect(first).toMatchObject({code: 0, stdout: 'Installed: redis, git and bubblewrap.\n'});
		expect(runs(first.stderr)).toEqual([
			'apt-get update -q',
			'apt-get install -q -y --no-install-recommends redis-server redis-tools git bubblewrap',
		]);
		expect(await setup('--yes')).toMatchObject({code: 0, stdout: 'Already installed: redis, git and bubblewrap.\n', stderr: ''});
	});

	test('goes on without a sandbox where it cannot be had, and says so', async () => {
		packageManager('bubblewrap');
		const {code, stdout, stderr} = await setup('--yes');
		expect([code, stdout]).toEqual([0, 'Installed: redis and git.\n']);
		expect(stderr).toContain('bubblewrap was not installed: the package manager has no package. Agents will run without a sandbox.');
		expect(await setup('--yes')).toMatchObject({code: 0, stdout: 'Already installed: redis and git.\n'});
	});

	test('installs what tests need only where it is asked for', async () => {
		packageManager();
		put('redis-server', '');
		put('git', '');
		put('ps', '');
		put('bwrap', '');
		const asked = await setup('--yes', '--with', 'tmux,ps,valkey', '--json');
		expect(asked).toMatchObject({code: 0, stdout: '{"installed":["tmux","valkey"]}\n'});
		expect(runs(asked.stderr).at(-1)).toMatch(/ install tmux valkey-server valkey-tools$/);
		expect(await setup('--with', 'tmxu')).toMatchObject({
			code: 2,
			stdout: '',
			stderr: 'agent-room: Unknown value `tmxu` of `--with`.\nDid you mean `tmux`?\n',
		});
	});

	test('says what is missing still, that nobody can be asked, and that it knows no package manager', async () => {
		expect(await setup('--yes')).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/^agent-room: No supported package manager can install redis, git and bubblewrap here\.\n/),
		});
		packageManager();
		put('dpkg-deb', 'exit 0');
		expect(await setup()).toMatchObject({
			code: 3,
			stderr: 'agent-room: No terminal to ask in.\nTo skip the question: `agent-room setup --yes`.\n',
		});
		const {code, stderr} = await setup('--yes');
		expect(code).toBe(1);
		expect(stderr).toContain('agent-room: The package manager ran, but redis and git are still missing.\nInstall it manually.\n');
	});
});
