import {cpus, totalmem} from 'node:os';
import process from 'node:process';
import {findProgram} from '../../source/commands/default-team.ts';
import {findServerBinary} from '../../source/redis/find-binary.ts';
import {benchClaims} from './claims.ts';
import {benchConflicts} from './conflicts.ts';
import {benchEcho} from './echo.ts';
import {benchFirstFrame} from './first-frame.ts';
import {benchGit} from './git.ts';
import {benchGrowth} from './growth.ts';
import {benchHandOff} from './hand-off.ts';
import {benchHeartbeats} from './heartbeats.ts';
import {benchTeam} from './team.ts';
import {benchPaint} from './terminal.ts';
import {benchThroughput} from './throughput.ts';
import {benchTrain} from './train.ts';

/** `npm run bench [name ...]`: figures are ratios within this one run; the machine's own speed cancels out. */
const BENCHES = {
	claims: benchClaims,
	throughput: benchThroughput,
	'hand-off': benchHandOff,
	heartbeats: benchHeartbeats,
	growth: benchGrowth,
	git: benchGit,
	conflicts: benchConflicts,
	paint: benchPaint,
	echo: benchEcho,
	'first-frame': benchFirstFrame,
	team: benchTeam,
	train: benchTrain,
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const wanted = process.argv.slice(2);

const unknown = wanted.find(name => !Object.hasOwn(BENCHES, name));
/** Checked before anything runs: a figure that cannot be had is said in one sentence, not after a minute of the others. */
const missing = unknown
	? `There is no benchmark \`${unknown}\`; there are ${Object.keys(BENCHES).join(', ')}.`
	: !findServerBinary(process.env)
		? 'The benchmarks need redis-server: npx agent-room setup'
		: !findProgram('tmux', process.env.PATH ?? '') && (wanted.length === 0 || wanted.includes('echo'))
			? 'The echo of a key is measured beside tmux, which is missing: npx agent-room setup --with tmux'
			: '';
if (missing) {
	process.stderr.write(`${missing}\n`);
	process.exit(3);
}

print(
	`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
for (const [name, bench] of Object.entries(BENCHES)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	await bench(print);
}
process.exit(0);
