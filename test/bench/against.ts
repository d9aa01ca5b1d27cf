import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createReport, type Row} from './report.ts';
import {root} from './room.ts';

const ROUNDS = 2;
/** A bench that takes longer is stuck, ms. */
const LIMIT_MS = 900_000;

const node = join(root, 'node_modules', 'node', 'bin', 'node');
const git = (...args: readonly string[]): string => execFileSync('git', ['-C', root, ...args], {encoding: 'utf8'}).trim();

/** Checks an older commit out beside this one and builds it; with the same packages where its lock file is the same. */
const build = (folder: string, commit: string): void => {
	git('worktree', 'add', '--quiet', '--detach', '--end-of-options', folder, commit);
	const lock = (of: string): string => readFileSync(join(of, 'package-lock.json'), 'utf8');
	if (lock(folder) === lock(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
	else execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
	execFileSync('npm', ['run', 'build'], {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
};

/** Runs benches of one tree by its own scripts. Returns its figures; throws with what it printed if it broke. */
const measure = (folder: string, names: readonly string[]): readonly Row[] => {
	const {status, stdout, stderr} = spawnSync(node, [join('test', 'bench', 'run.ts'), ...names], {
		cwd: folder,
		encoding: 'utf8',
		timeout: LIMIT_MS,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	if (status !== 0) throw new Error(`the bench in ${folder} ended with ${status}: ${stderr || stdout}`);
	const report = createReport(() => undefined);
	for (const block of stdout.split(/\n(?=\n)/)) report.print(block);
	return report.rows;
};

const keyOf = ({title, name}: Row): string => `${title}: ${name}`;

/**
 * `npm run bench -- NAME ... --against COMMIT`: builds an older commit in a worktree of its own and runs the same benches there and here in
 * turn, so that both meet the same machine. Figures that only one of them prints are left out and counted.
 */
export const benchAgainst = (commit: string, names: readonly string[], print: (text: string) => void): void => {
	const id = git('rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`);
	const folder = mkdtempSync(join(tmpdir(), 'ar-against-'));
	const before = join(folder, 'before');
	try {
		build(before, id);
		const figures = new Map<string, {readonly before: string[]; readonly after: string[]}>();
		for (let round = 1; round <= ROUNDS; round++)
			for (const side of ['before', 'after'] as const) {
				print(`round ${round} of ${ROUNDS}: ${side === 'before' ? id.slice(0, 8) : 'this tree'}`);
				for (const row of measure(side === 'before' ? before : root, names)) {
					const found = figures.get(keyOf(row)) ?? {before: [], after: []};
					found[side].push(row.figure.replace(/ +/g, ' '));
					figures.set(keyOf(row), found);
				}
			}
		const both = [...figures].filter(([, of]) => of.before.length > 0 && of.after.length > 0);
		for (const [name, of] of both)
			print(`${name}\n    ${id.slice(0, 8)}   ${of.before.join('  |  ')}\n    this tree  ${of.after.join('  |  ')}`);
		if (both.length < figures.size) print(`${figures.size - both.length} figures are printed by only one of the two.`);
	} finally {
		spawnSync('git', ['-C', root, 'worktree', 'remove', '--force', '--', before], {stdio: 'ignore'});
		rmSync(folder, {recursive: true, force: true});
	}
};
