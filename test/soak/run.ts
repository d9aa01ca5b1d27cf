// First: no git of the soak reads a person's configuration, or the machine's.

import {mkdtempSync, rmSync} from 'node:fs';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {loadScript} from '../../source/redis/scripts/table.ts';
import {findServerBinary} from '../../source/redis/server/binary.ts';
import {removeFileFolder} from '../helpers/own-home.ts';
import {isSection, soakCrashes} from './crashes/run.ts';
import {SECTION_NAMES} from './crashes/sections.ts';
import {runFailovers} from './failovers.ts';
import {soakHosts} from './hosts/run.ts';
import {brokenText, MUTANTS} from './mutants.ts';
import {type Outcome, runOnce} from './once.ts';
import type {Plan} from './plan.ts';
import {planOf} from './plans.ts';
import {runRebuilds} from './rebuilds.ts';
import {soakCases, soakMac} from './stories.ts';
import {figuresOf} from './words.ts';

/**
 * `npm run soak [-- --tasks 10000 --seed N --mutant NAME|all --control-only --no-control --keep]`: the room under chaos, judged from what it left
 * behind; then the seed's own design under the same chaos. With `--failovers N` instead: a Sentinel trio and a Cluster change their primary N times each,
 * by a kill, a hang and in order, while tasks are submitted. With `--rebuild`: Redis loses its data every half second and is rebuilt. With
 * `--hosts 3 [--tasks 120 --agents 3 --failovers 1 --write]`: a team of so many hosts, each of its own network, whose links, hosts, Redis and
 * remote are broken; with `--failovers` Sentinels let another Redis take over instead, with `--rough` one that lacks more; `--write` puts the
 * result into HOSTS.md. With `--macos`: the stories of survival with what is different on macOS, as far as Linux can play it. With
 * `--cases [--write]`: every case of the stories of which `npm test` plays those that stand for the others. With
 * `--crashes [--only claim,landing --most 400 --jobs 2 --write]`: every program is killed at each call that writes.
 * Exit code 0: nothing lost, nothing done twice, and the control shows that the
 * chaos would have shown it; with `--mutant`, 0 when every broken guarantee was noticed.
 */
const {values} = parseArgs({
	options: {
		tasks: {type: 'string'},
		seed: {type: 'string'},
		mutant: {type: 'string', default: ''},
		'control-only': {type: 'boolean', default: false},
		'no-control': {type: 'boolean', default: false},
		keep: {type: 'boolean', default: false},
		failovers: {type: 'string'},
		agents: {type: 'string', default: '3'},
		rebuild: {type: 'boolean', default: false},
		hosts: {type: 'string'},
		write: {type: 'boolean', default: false},
		rough: {type: 'boolean', default: false},
		macos: {type: 'boolean', default: false},
		cases: {type: 'boolean', default: false},
		crashes: {type: 'boolean', default: false},
		only: {type: 'string', default: ''},
		most: {type: 'string', default: '400'},
		jobs: {type: 'string', default: '2'},
	},
});
process.once('exit', removeFileFolder);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (text: string): never => {
	process.stderr.write(`${text}\n`);
	process.exit(3);
};
const tasks = Number(values.tasks ?? (values.hosts === undefined ? 10_000 : 120));
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!Number.isSafeInteger(tasks) || tasks < 1) refuse('`--tasks` takes a number from 1 on.');
if (!Number.isSafeInteger(seed) || seed < 0) refuse('`--seed` takes a number from 0 on.');
const mutants = values.crashes ? [] : values.mutant === 'all' ? MUTANTS : values.mutant ? [values.mutant] : [];
const unknown = mutants.find(name => !MUTANTS.includes(name));
if (unknown) refuse(`There is no mutant \`${unknown}\`; there are ${MUTANTS.join(', ')}, or all.`);
for (const mutant of mutants) brokenText(mutant, loadScript);
if (!findServerBinary(process.env)) refuse('The soak needs redis-server: npx agent-room setup');

const breakOff = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => breakOff.abort());
const run = async (design: Plan['design'], mutant = ''): Promise<Outcome> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-soak-'));
	try {
		return await runOnce(planOf({folder, design, tasks, seed, mutant}), breakOff.signal);
	} finally {
		if (values.keep) print(`kept: ${folder}`);
		else rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
		if (breakOff.signal.aborted) process.exit(130);
	}
};

let isAsPromised = true;
if (values.macos || values.cases) {
	isAsPromised = await (values.macos ? soakMac(breakOff.signal) : soakCases(values.write, breakOff.signal));
	print(isAsPromised ? 'as promised' : 'NOT as promised');
	process.exit(breakOff.signal.aborted ? 130 : isAsPromised ? 0 : 1);
}
if (values.hosts !== undefined) {
	const hosts = Number(values.hosts);
	if (!Number.isSafeInteger(hosts) || hosts < 2 || hosts > 9) refuse('`--hosts` takes a number from 2 to 9.');
	const agents = Number(values.agents);
	if (!Number.isSafeInteger(agents) || agents < 2 || agents > 20)
		refuse('`--agents` takes a number from 2 to 20: of each host, a quarter of them reviewers.');
	const reviewers = Math.max(1, Math.floor(agents / 4));
	const hasFailovers = values.failovers !== undefined;
	const words = process.argv.slice(2).join(' ');
	isAsPromised = await soakHosts(
		{
			...{hosts, tasks, seed, reviewers, hasFailovers, isRough: values.rough, words},
			developers: agents - reviewers,
			isKept: values.keep,
			isWritten: values.write,
		},
		print,
		breakOff.signal,
	);
	print(isAsPromised ? 'as promised' : 'NOT as promised');
	process.exit(breakOff.signal.aborted ? 130 : isAsPromised ? 0 : 1);
}
if (values.crashes) {
	const only = values.only.split(',').filter(Boolean);
	const other = only.find(name => !isSection(name));
	if (other !== undefined) refuse(`There is no section \`${other}\`; there are ${SECTION_NAMES.join(', ')}.`);
	const [most, jobs] = [Number(values.most), Number(values.jobs)];
	if (!Number.isSafeInteger(most) || most < 1) refuse('`--most` takes a number from 1 on.');
	if (!Number.isSafeInteger(jobs) || jobs < 1 || jobs > 16) refuse('`--jobs` takes a number from 1 to 16.');
	const mutant = values.mutant === 'rename' ? values.mutant : '';
	const sections = only.length > 0 ? only.filter(isSection) : SECTION_NAMES;
	print(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}; seed ${seed}`);
	isAsPromised = await soakCrashes(
		{sections, seed, most, jobs, mutant, isKept: values.keep, isWritten: values.write},
		print,
		breakOff.signal,
	);
	if (mutant !== '') print(isAsPromised ? `SURVIVED: ${mutant}` : `NOTICED: ${mutant}`);
	print(isAsPromised ? 'as promised' : 'NOT as promised');
	process.exit(breakOff.signal.aborted ? 130 : isAsPromised === (mutant === '') ? 0 : 1);
}
if (values.failovers !== undefined) {
	const rounds = Number(values.failovers);
	if (!Number.isSafeInteger(rounds) || rounds < 1) refuse('`--failovers` takes a number from 1 on.');
	for (const kind of ['sentinel', 'cluster'] as const)
		for (const isReplicated of [false, true]) {
			const {violations, figures} = await runFailovers({kind, isReplicated, rounds, seed});
			print(`${kind}, durability ${isReplicated ? 'replicated' : 'local'} (--seed ${seed}): ${figures}`);
			for (const violation of violations.slice(0, 10)) print(`  ${violation}`);
			isAsPromised &&= violations.length === 0;
		}
	print(isAsPromised ? 'as promised' : 'NOT as promised');
	process.exit(isAsPromised ? 0 : 1);
}
if (values.rebuild) {
	const given = {rounds: Math.max(4, Math.round(tasks / 20)), tasks, seed};
	for (const isControl of [false, true]) {
		if (isControl && values['no-control']) continue;
		const {violations, figures} = await runRebuilds({...given, isControl});
		print(`${isControl ? 'the control, which takes the data as they are' : 'rebuilt from the journal'} (--seed ${seed}): ${figures}`);
		for (const violation of violations.slice(0, 10)) print(`  ${violation}`);
		isAsPromised &&= isControl ? violations.length > 0 : violations.length === 0;
	}
	print(isAsPromised ? 'as promised' : 'NOT as promised');
	process.exit(isAsPromised ? 0 : 1);
}
const tell = (title: string, outcome: Outcome): Outcome['verdict'] => {
	print(`${title}\n${figuresOf(outcome)}\n`);
	return outcome.verdict;
};
print(
	`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}; seed ${seed} (\`--seed ${seed}\` breaks the same again)\n`,
);
for (const mutant of mutants) {
	const {violations} = tell(`mutant ${mutant}`, await run('room', mutant));
	print(violations.length > 0 ? `NOTICED: ${violations[0]}\n` : `SURVIVED: ${mutant}\n`);
	isAsPromised &&= violations.length > 0;
}
if (mutants.length === 0 && !values['control-only']) {
	const {violations} = tell('the room', await run('room'));
	isAsPromised &&= violations.length === 0;
}
if (mutants.length === 0 && !values['no-control']) {
	const {violations} = tell("the control: the seed's design, taken literally", await run('seed'));
	if (violations.length === 0) print('The control lost nothing and did nothing twice: this chaos is too weak to prove anything.');
	isAsPromised &&= violations.length > 0;
}
print(isAsPromised ? 'as promised' : 'NOT as promised');
process.exit(isAsPromised ? 0 : 1);
