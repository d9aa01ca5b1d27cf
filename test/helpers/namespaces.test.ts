import {mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from './cleanup.ts';
import {whyNoNamespaces} from './namespaces.ts';
import {node, startProgram} from './program.ts';
import {until} from './wait.ts';

/** Opens a network with a host and runs a program in the host and one in the hub; closes it at SIGTERM. */
const program = (folder: string): string => `
import {openNetwork} from ${JSON.stringify(join(import.meta.dirname, 'namespaces.ts'))};
const network = await openNetwork(${JSON.stringify(folder)});
const host = await network.start(${JSON.stringify(join(folder, 'own'))});
for (const place of [host, network.hub]) place.run(['sleep', '3600'], {env: process.env, log: 'pipe'});
host.cut();
process.once('SIGTERM', () => network.close().then(() => process.exit(0)));
console.log('up');
`;

/** The network namespace of each process of this machine that may be asked, with what its environment says. */
const processes = (): ReadonlyArray<{readonly network: string; readonly environment: string}> =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.flatMap(name => {
			try {
				return [{network: readlinkSync(`/proc/${name}/ns/net`), environment: readFileSync(`/proc/${name}/environ`, 'utf8')}];
			} catch {
				return [];
			}
		});

const why = whyNoNamespaces();

test.each(['SIGTERM', 'SIGKILL'] as const)(
	`a network whose owner gets %s leaves no process, and so no interface, and no mount${why === '' ? '' : ` (not here: ${why})`}`,
	async signal => {
		if (why !== '') return expect(why).not.toBe('');
		const folder = temporaryFolder('net');
		mkdirSync(join(folder, 'own'));
		const script = join(folder, 'program.mts');
		writeFileSync(script, program(folder));
		const owner = startProgram([node, script], {env: {...process.env, NETWORK: folder}});
		const here = readlinkSync('/proc/self/ns/net');
		const networks = (): ReadonlySet<string> =>
			new Set(
				processes().flatMap(({network, environment}) => (environment.includes(`NETWORK=${folder}`) && network !== here ? [network] : [])),
			);
		await until(() => owner.output().includes('up') && networks().size === 2, {what: owner.output});
		const made = networks();
		process.kill(owner.pid, signal);
		await owner.ended;
		await until(() => !processes().some(({network}) => made.has(network)), {what: 'the end of all processes in the network'});
		expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
	},
);
