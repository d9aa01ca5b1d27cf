import {execFileSync} from 'node:child_process';
import {cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {PLATFORMS} from '../../source/os/platform.ts';
import {root} from './program.ts';

/** A copy of the program that runs as on macOS, as far as Linux lets it, and the commands that belong first on its PATH. */
export type MacProgram = {readonly package: string; readonly commands: string};

/** What of the row of Linux stands as that of macOS in the copy. The sandbox and the browser stay: their programs are not here. */
const ROWS = [
	['processes:"proc"', `processes:${JSON.stringify(PLATFORMS.darwin.processes)}`],
	['psEnvironments:["axeww"]', `psEnvironments:${JSON.stringify(PLATFORMS.darwin.psEnvironments)}`],
	['beneath:"descriptor"', `beneath:${JSON.stringify(PLATFORMS.darwin.beneath)}`],
	['sandbox:"bubblewrap"', 'sandbox:"none"'],
] as const;

/**
 * Copies the built program into a folder and switches its `/proc` off: the table's row of Linux becomes that of macOS, and every path below
 * `/proc` one that does not exist. There is no such switch in the program. Its `ps` is one that takes and prints what that of macOS does.
 */
export const copyAsMac = (folder: string): MacProgram => {
	const copy = join(folder, 'app');
	for (const name of ['bin', 'dist', 'lua', 'package.json', 'source/guide']) cpSync(join(root, name), join(copy, name), {recursive: true});
	cpSync(join(root, 'node_modules', 'node-pty'), join(copy, 'node_modules', 'node-pty'), {recursive: true});
	const counts = new Map<string, number>();
	for (const file of globSync('dist/**/*.js', {cwd: copy})) {
		const path = join(copy, file);
		let text = readFileSync(path, 'utf8');
		for (const [linux, mac] of ROWS) {
			counts.set(linux, (counts.get(linux) ?? 0) + (text.split(linux).length - 1));
			text = text.replaceAll(linux, mac);
		}
		writeFileSync(path, text.replace(/(["`])\/proc(?=["`/])/g, '$1/no-proc'));
	}
	const unchanged = ROWS.filter(([linux]) => !counts.get(linux)).map(([linux]) => linux);
	if (unchanged.length > 0) throw new Error(`The built program has no ${unchanged.join(', ')}: is it minified in another way?`);
	const commands = join(folder, 'mac-bin');
	mkdirSync(commands, {recursive: true});
	const ps = execFileSync('sh', ['-c', 'command -v ps'], {encoding: 'utf8'}).trim();
	const fake = readFileSync(join(root, 'test', 'fixtures', 'os', 'bsd-ps.sh'), 'utf8').replace('\n', `\nREAL_PS='${ps}'\n`);
	writeFileSync(join(commands, 'ps'), fake, {mode: 0o755});
	return {package: copy, commands};
};

/** A folder that is reached by a link, as /tmp is on macOS. */
export const linkedFolder = (folder: string): string => {
	mkdirSync(join(folder, 'private'), {mode: 0o700});
	const link = join(folder, 'tmp');
	symlinkSync(join(folder, 'private'), link);
	return link;
};
