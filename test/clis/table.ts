import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PINNED, type RealCli} from './pinned.ts';

type Row = {readonly cli: RealCli; readonly row: string; readonly text: string};

/** The measured rows as a table of Markdown: a column a CLI. */
export const tableOf = (rows: readonly Row[]): string => {
	const clis = [...new Set(rows.map(({cli}) => cli))];
	const titles = [...new Set(rows.map(({row}) => row))];
	const cell = (row: string, cli: RealCli): string => rows.findLast(each => each.row === row && each.cli === cli)?.text ?? '-';
	return [
		`| | ${clis.map(cli => `${cli} ${PINNED[cli].version}`).join(' | ')} |`,
		`|---|${clis.map(() => '---').join('|')}|`,
		...titles.map(row => `| ${row} | ${clis.map(cli => cell(row, cli)).join(' | ')} |`),
	].join('\n');
};

/** Measures the CLIs named, or all four, and prints the table. Resolves with the exit code. */
export const measure = async (clis: readonly string[]): Promise<number> => {
	const folder = mkdtempSync(join(tmpdir(), 'clis-'));
	const file = join(folder, 'rows');
	writeFileSync(file, '');
	const environment = {...process.env, TABLE_FILE: file, ...(clis.length > 0 ? {TABLE_CLIS: clis.join(',')} : {})};
	const vitest = spawn('npx', ['vitest', 'run', '--config', 'test/clis/table-config.ts'], {env: environment, stdio: 'inherit'});
	const code = await new Promise<number>(resolve => vitest.once('close', ended => resolve(ended ?? 1)));
	const rows = readFileSync(file, 'utf8')
		.split('\n')
		.filter(Boolean)
		.map(line => JSON.parse(line) as Row);
	rmSync(folder, {recursive: true, force: true});
	process.stdout.write(`\n${new Date().toISOString().slice(0, 10)}\n\n${tableOf(rows)}\n`);
	return code;
};
