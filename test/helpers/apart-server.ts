/**
 * The small process of `apart.ts`: runs one command after the other, as it is told on the first FIFO, and answers on the second. It ends with the
 * process that has it, which then writes to the first no more.
 */
import {spawnSync} from 'node:child_process';
import {openSync, writeSync} from 'node:fs';
import {type ApartAnswer, type ApartOrder, readFrame, writeFrame} from './apart-frames.ts';

const [asked = '', answered = ''] = process.argv.slice(2);
const from = openSync(asked, 'r');
const to = openSync(answered, 'w');
writeSync(to, '.');
for (let frame = readFrame(from); frame; frame = readFrame(from)) {
	const {file, args, cwd, env, timeoutMs} = JSON.parse(frame.head) as ApartOrder;
	const {status, signal, error, stdout, stderr} = spawnSync(file, [...args], {
		cwd,
		env,
		input: frame.body,
		timeout: timeoutMs,
		maxBuffer: 256 * 1024 * 1024,
	});
	// Where it could not be started there are none.
	const [out, told] = [stdout ?? Buffer.alloc(0), stderr ?? Buffer.alloc(0)];
	const answer: ApartAnswer = {status, signal, error: error?.message, outLength: out.length};
	writeFrame(to, JSON.stringify(answer), Buffer.concat([out, told]));
}
