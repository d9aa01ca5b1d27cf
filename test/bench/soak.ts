import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {root} from './room.ts';
import {figure, verdict} from './stats.ts';

const TASKS = 500;
/** The same faults in every run of the bench. */
const SEED = 31;
const ENDS = /^ {2}lost (\d+).*; done twice (\d+).*; violations (\d+)$/gm;

type Ends = {readonly lost: number; readonly twice: number; readonly violations: number};

/** What two runs of the soak have come to by their own lines: the room, then the seed's design under the same chaos. */
export const endsOf = (output: string): readonly [room: Ends, control: Ends] => {
	const [room, control] = [...output.matchAll(ENDS)].map(([, lost, twice, violations]) => ({
		lost: Number(lost),
		twice: Number(twice),
		violations: Number(violations),
	}));
	if (!room || !control) throw new Error(`the soak has not said what became of its tasks: ${output.slice(-1000)}`);
	return [room, control];
};

/** `npm run soak` in a process of its own, since no git of it reads a person's configuration. */
export const benchSoak = async (print: (text: string) => void): Promise<void> => {
	const words = ['--tasks', String(TASKS), '--seed', String(SEED)];
	const soak = spawn(process.execPath, [join(root, 'test', 'soak', 'run.ts'), ...words], {stdio: ['ignore', 'pipe', 'inherit']});
	let output = '';
	soak.stdout.setEncoding('utf8').on('data', (text: string) => {
		output += text;
	});
	await once(soak, 'close');
	const [room, control] = endsOf(output);
	print(`\n${TASKS} tasks in chaos (agents, rooms and Redis are killed)${''.padEnd(16)}of the seed's own design`);
	for (const [name, own, peer] of [
		['tasks lost', room.lost, control.lost],
		['tasks done twice', room.twice, control.twice],
	] as const)
		print(`${figure(name, own, 'tasks', peer)}   ${verdict(own, {atMost: 0, unit: ''})}`);
	print(`${figure('other violations', room.violations, 'found')}   ${verdict(room.violations, {atMost: 0, unit: ''})}`);
};
