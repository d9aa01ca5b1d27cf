import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {machineOf, runOf, writeSection} from '../../helpers/result.ts';
import {type HostsPlan, runHosts} from './once.ts';
import {figuresOfHosts} from './words.ts';

/** A task takes some two seconds of this machine, with all that is broken meanwhile. */
const MS_PER_TASK = 2400;
const PEACE_MS = 480_000;

/** One run of several hosts, told as it goes; resolves with whether all was as promised. */
export const soakHosts = async (
	asked: Omit<HostsPlan, 'folder' | 'chaosMs' | 'peaceMs'> & {
		readonly isKept: boolean;
		readonly isWritten: boolean;
		readonly words: string;
	},
	print: (text: string) => void,
	breakOff: AbortSignal,
): Promise<boolean> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-hosts-'));
	try {
		const plan = {...asked, folder, chaosMs: asked.tasks * MS_PER_TASK, peaceMs: PEACE_MS};
		const outcome = await runHosts(plan, print, breakOff);
		const figures = figuresOfHosts(plan, outcome);
		print(`\n${figures}\n`);
		if (asked.isWritten && !breakOff.aborted) {
			const list = figures.split('\n').map(line => (line.startsWith('  ') ? `  - ${line.trim()}` : `- ${line}`));
			const head = `\`npm run soak -- ${asked.words}\`: ${runOf()}; ${machineOf()}.`;
			const title = asked.hasFailovers ? 'Redis fails over' : 'Redis is killed';
			writeSection(join(import.meta.dirname, '..', 'HOSTS.md'), title, `${head}\n\n${list.join('\n')}`);
		}
		return outcome.verdict.violations.length === 0;
	} finally {
		if (asked.isKept) print(`kept: ${folder}`);
		else rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
	}
};
