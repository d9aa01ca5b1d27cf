import {cpus, totalmem} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {findOnPath} from '../../source/os/find-program.ts';
import {findServerBinary} from '../../source/redis/server/binary.ts';
import {benchAgainst} from './against.ts';
import {benchBatches} from './batches.ts';
import {benchBytes} from './bytes.ts';
import {benchClaims} from './claims.ts';
import {benchConflicts} from './conflicts.ts';
import {benchEcho} from './echo.ts';
import {benchFifty} from './fifty.ts';
import {benchFirstFrame} from './first-frame.ts';
import {benchGit} from './git.ts';
import {benchGrowth} from './growth.ts';
import {benchHandOff} from './hand-off.ts';
import {benchHeartbeats} from './heartbeats.ts';
import {benchHosts} from './hosts.ts';
import {benchKeys} from './keys.ts';
import {benchMergeQueue} from './merge-queue.ts';
import {createReport, load} from './report.ts';
import {root} from './room.ts';
import {benchSandbox} from './sandbox.ts';
import {benchTeam} from './team.ts';
import {benchPaint} from './terminal.ts';
import {benchThroughput} from './throughput.ts';
import {benchWall} from './wall.ts';

type Print = (text: string) => void;
type Bench = (print: Print, isLong: boolean) => Promise<void> | void;

/**
 * `npm run bench [-- NAME|GROUP ...] [--long] [--guide] [--against COMMIT]`: figures are ratios within this one run; the machine's own speed cancels out. The
 * `long` ones take minutes and are left out unless they are named or `--long` is given. `--guide` puts the table into the guide,
 * `--against` runs the same of an older commit in turn.
 */
const BENCHES: Readonly<Record<string, {readonly run: Bench; readonly group: 'room' | 'screen' | 'long'; readonly needsTmux?: boolean}>> = {
	claims: {run: benchClaims, group: 'room'},
	throughput: {run: benchThroughput, group: 'room'},
	'hand-off': {run: benchHandOff, group: 'room'},
	heartbeats: {run: benchHeartbeats, group: 'room'},
	growth: {run: benchGrowth, group: 'room'},
	sandbox: {run: benchSandbox, group: 'room'},
	git: {run: benchGit, group: 'long'},
	conflicts: {run: benchConflicts, group: 'room'},
	paint: {run: benchPaint, group: 'screen'},
	echo: {run: benchEcho, group: 'screen', needsTmux: true},
	keys: {run: benchKeys, group: 'screen'},
	wall: {run: benchWall, group: 'screen', needsTmux: true},
	bytes: {run: benchBytes, group: 'screen', needsTmux: true},
	fifty: {run: benchFifty, group: 'screen', needsTmux: true},
	'first-frame': {run: benchFirstFrame, group: 'screen'},
	team: {run: benchTeam, group: 'long'},
	mergeQueue: {run: benchMergeQueue, group: 'long'},
	batches: {run: benchBatches, group: 'long'},
	hosts: {run: benchHosts, group: 'long'},
};
const GROUPS = ['room', 'screen', 'long'];

const isLong = process.argv.includes('--long');
const isForGuide = process.argv.includes('--guide');
const againstAt = process.argv.indexOf('--against');
const against = againstAt > 0 ? (process.argv[againstAt + 1] ?? '') : undefined;
const wanted = process.argv.slice(2).filter((word, index) => !word.startsWith('--') && (againstAt < 0 || index + 2 !== againstAt + 1));
const isWanted = (name: string, group: string): boolean =>
	wanted.length === 0 ? isLong || group !== 'long' : wanted.includes(name) || wanted.includes(group);
const chosen = Object.entries(BENCHES).filter(([name, {group}]) => isWanted(name, group));

const unknown = wanted.find(name => !Object.hasOwn(BENCHES, name) && !GROUPS.includes(name));
/** Checked before anything runs: a figure that cannot be had is said in one sentence, not after a minute of the others. */
const missing = unknown
	? `There is no benchmark \`${unknown}\`; there are ${Object.keys(BENCHES).join(', ')}, and as groups ${GROUPS.join(', ')}.`
	: !findServerBinary(process.env)
		? 'The benchmarks need redis-server: npx agent-room setup'
		: !findOnPath('tmux', process.env.PATH ?? '') && chosen.some(([, {needsTmux}]) => needsTmux)
			? 'Panes are measured beside tmux, which is missing: npx agent-room setup --with tmux'
			: '';
if (missing) {
	process.stderr.write(`${missing}\n`);
	process.exit(3);
}

if (against !== undefined) {
	benchAgainst(against, wanted, text => void process.stdout.write(`${text}\n`));
	process.exit(0);
}

const {print, summary, writeTable} = createReport(text => void process.stdout.write(text));
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const loadBefore = load();
print(`${machine}, load ${loadBefore}`);
const beganAt = performance.now();
for (const [name, {run}] of chosen) {
	const at = performance.now();
	await run(print, isLong);
	print(`  (${name}: ${((performance.now() - at) / 1000).toFixed(0)} s, load ${load()})`);
}
process.stdout.write(
	`${summary()}\n  ${((performance.now() - beganAt) / 1000).toFixed(0)} s. Alone on the machine read the figures, else only the ratios.\n`,
);
if (isForGuide) writeTable(join(root, 'source', 'guide', 'figures.md'), `Measured by \`npm run bench\` on ${machine}, load ${loadBefore}.`);
process.exit(0);
