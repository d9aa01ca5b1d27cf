import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {cpus, loadavg} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..', '..');

/** What a committed result says of the run that it comes from: the day and the commit. */
export const runOf = (): string => {
	const commit = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], {encoding: 'utf8'}).trim();
	const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {readonly version: string};
	return `${new Date().toISOString().slice(0, 10)}, agent-room ${version} at ${commit}`;
};

/** The machine of a run; the load is that of the last minutes. */
export const machineOf = (): string =>
	`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, load ${(loadavg()[1] ?? 0).toFixed(0)}, Node ${process.version}`;

/** Puts `body` below the heading `## TITLE` of a Markdown file, in place of what stood there; other sections stay. */
export const writeSection = (file: string, title: string, body: string): void => {
	const [head = '', ...sections] = readFileSync(file, 'utf8').split(/^(?=## )/m);
	const isOther = (section: string): boolean => section.split('\n')[0] !== `## ${title}`;
	const mine = `## ${title}\n\n${body.trim()}\n`;
	const at = sections.findIndex(section => !isOther(section));
	const all = at < 0 ? [...sections, mine] : sections.map((section, index) => (index === at ? mine : section));
	writeFileSync(file, `${[head, ...all].map(part => part.trim()).join('\n\n')}\n`);
};

/** Puts a row into the one table of a Markdown file, in place of the row with the same first cell, or as its last. */
export const writeRow = (file: string, row: string): void => {
	const lines = readFileSync(file, 'utf8').split('\n');
	const cell = (line: string): string => line.split('|')[1]?.trim() ?? '';
	const isRow = (line: string): boolean => line.startsWith('| ') && cell(line) === cell(row);
	const at = lines.findIndex(isRow);
	if (at >= 0) lines[at] = row;
	else lines.splice(lines.findLastIndex(line => line.startsWith('|')) + 1, 0, row);
	writeFileSync(file, lines.join('\n'));
};
