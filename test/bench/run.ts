import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {pathWithOwnPrograms} from '../../source/os/packages/own-programs.ts';
import {machineOf, runOf} from '../helpers/result.ts';
import {benchAgainst} from './against.ts';
import {busyShare, busyText} from './machine.ts';
import {missingOf} from './needs.ts';
import {type Section, withFigures} from './page.ts';
import {createReport} from './report.ts';
import {root} from './room.ts';
import {BENCHES, GROUPS, WITHOUT_TARGETS} from './table.ts';

/**
 * `npm run bench [-- NAME|GROUP ...] [--long] [--guide[=FILE]] [--against COMMIT]`: figures are ratios within this one run; the machine's own speed
 * cancels out. The `long` ones take minutes and are left out unless they are named, or `--long` or `--guide` is given. `--guide` puts what was measured
 * into the guide's page (or FILE), where the sections of other benches stay; `--against` runs the same of an older commit in turn.
 * What a machine does not have is left out and said. Exit code 1: a bench broke. 3: nothing could be measured.
 */
const words = process.argv.slice(2);
const isLong = words.includes('--long');
const guideWord = words.find(word => word === '--guide' || word.startsWith('--guide='));
const page = guideWord?.includes('=') ? guideWord.slice('--guide='.length) : join(root, 'source', 'guide', 'figures.md');
const againstAt = words.indexOf('--against');
const against = againstAt >= 0 ? (words[againstAt + 1] ?? '') : undefined;
const wanted = words.filter((word, index) => !word.startsWith('--') && (againstAt < 0 || index !== againstAt + 1));

process.env.PATH = pathWithOwnPrograms(process.env);
const refuse = (text: string): never => {
	process.stderr.write(`${text}\n`);
	process.exit(3);
};
const unknown = wanted.find(name => !Object.hasOwn(BENCHES, name) && !GROUPS.includes(name));
if (unknown)
	refuse(`There is no benchmark \`${unknown}\`; there are ${Object.keys(BENCHES).join(', ')}, and as groups ${GROUPS.join(', ')}.`);

const write = (text: string): void => void process.stdout.write(text);
if (against !== undefined) {
	benchAgainst(against, wanted, text => write(`${text}\n`));
	process.exit(0);
}

const isAll = isLong || guideWord !== undefined;
const isWanted = (name: string, group: string): boolean =>
	wanted.length === 0 ? isAll || group !== 'long' : wanted.includes(name) || wanted.includes(group);
const chosen = Object.entries(BENCHES)
	.filter(([name, {group}]) => isWanted(name, group))
	.map(([name, bench]) => ({name, bench, missing: missingOf(bench.needs)}));
const absent = chosen.filter(({missing}) => missing).map(({bench, missing}) => `${bench.title}: ${missing}`);
/** Said before anything runs, not after minutes of the others. */
for (const line of absent) write(`Left out: ${line}\n`);
const possible = chosen.filter(({missing}) => !missing);
if (possible.length === 0) refuse('Nothing of this can be measured here: `npx agent-room setup` installs what is missing.');

const report = createReport(write);
write(`${machineOf()}\n`);
const sections: Section[] = [];
const broken: string[] = [];
const beganAt = performance.now();
const shares = [await busyShare()];
const atStart = busyText(shares[0] ?? 0, shares[0] ?? 0);
if (atStart) write(`${atStart} Absolute figures of this run mean nothing.\n`);
for (const {name, bench} of possible) {
	const [at, rows, left] = [performance.now(), report.rows.length, report.leftOut.length];
	let why = '';
	try {
		await (await bench.load())(report.print, isLong);
	} catch (error) {
		why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
		broken.push(`${bench.title}: it broke: ${why}`);
		report.print(`  ${name} broke: ${error instanceof Error ? error.message : String(error)}`);
	}
	const seconds = ((performance.now() - at) / 1000).toFixed(0);
	const after = await busyShare();
	const busy = busyText(shares.at(-1) ?? 0, after);
	shares.push(after);
	write(`  (${name}: ${seconds} s)${busy && ` ${busy}`}\n`);
	if (why) continue;
	const leftOut = report.leftOut.slice(left);
	sections.push({
		title: bench.title,
		command: `npm run bench -- ${name}`,
		run: `${runOf()}; ${machineOf()}`,
		busy,
		leftOut,
		rows: report.rows.slice(rows),
	});
}
write(`${report.summary()}\n`);
for (const line of [...absent, ...broken, ...report.leftOut]) write(`  - left out: ${line}\n`);
const isBusy = shares.some(share => busyText(share, share) !== '');
write(
	`  ${((performance.now() - beganAt) / 1000).toFixed(0)} s. ${isBusy ? 'The machine was busy: absolute figures mean nothing, read the ratios.' : 'The machine was quiet.'}\n`,
);
if (guideWord !== undefined) {
	const order = Object.entries(BENCHES).flatMap(([name, {title}]) => (WITHOUT_TARGETS.includes(name) ? [] : [title]));
	writeFileSync(page, withFigures(readFileSync(page, 'utf8'), sections, {order, leftOut: [...absent, ...broken]}));
}
process.exit(broken.length > 0 ? 1 : 0);
