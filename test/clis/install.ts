import {install} from './installing.ts';
import {PINNED, REAL_CLIS, type RealCli} from './pinned.ts';

// Installs the CLIs named, or all: `node test/clis/install.ts [claude] [codex] …`. One after the other: they unpack hundreds of megabytes.
const names = process.argv.slice(2);
const unknown = names.find(name => !(name in PINNED));
if (unknown) {
	process.stderr.write(`There is no CLI \`${unknown}\`, only ${REAL_CLIS.join(', ')}.\n`);
	process.exitCode = 2;
} else {
	let isStopped = false;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => {
			isStopped = true;
		});
	for (const name of names.length > 0 ? (names as readonly RealCli[]) : REAL_CLIS) {
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
