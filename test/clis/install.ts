import {install} from './installing.ts';
import {PINNED, REAL_CLIS, type RealCli} from './pinned.ts';
import {measure} from './table.ts';

// Installs the CLIs named, or all that are not optional: `node test/clis/install.ts [claude] [codex] …`. One after the other: they unpack hundreds of megabytes. With
// `--table` it measures them as they are installed, and prints the table of `source/guide/agent-clis.md`.
const isTable = process.argv.includes('--table');
const names = process.argv.slice(2).filter(name => name !== '--table');
const unknown = names.find(name => !(name in PINNED));
if (unknown) {
	process.stderr.write(`There is no CLI \`${unknown}\`, only ${REAL_CLIS.join(', ')}.\n`);
	process.exitCode = 2;
} else if (isTable) {
	process.exitCode = await measure(names);
} else {
	let isStopped = false;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => {
			isStopped = true;
		});
	for (const name of names.length > 0 ? (names as readonly RealCli[]) : REAL_CLIS.filter(each => !('isOptional' in PINNED[each]))) {
		if (isStopped) break;
		const beganAt = Date.now();
		const result = await install(name);
		const seconds = ((Date.now() - beganAt) / 1000).toFixed(1);
		if ('program' in result) process.stdout.write(`${name} ${PINNED[name].version}: ${result.program} (${seconds} s)\n`);
		else {
			process.stderr.write(`${result.reason}\n`);
			process.exitCode = 1;
		}
	}
}
