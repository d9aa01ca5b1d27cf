import {cpus, totalmem} from 'node:os';
import process from 'node:process';
import {benchClaims} from './claims.ts';
import {benchEcho} from './echo.ts';
import {benchFirstFrame} from './first-frame.ts';
import {benchPaint} from './terminal.ts';

/** `npm run bench [claims|paint|echo|first-frame]`: figures are ratios within this one run; the machine's own speed cancels out. */
const BENCHES = {claims: benchClaims, paint: benchPaint, echo: benchEcho, 'first-frame': benchFirstFrame};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const wanted = process.argv.slice(2);

print(
	`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
for (const [name, bench] of Object.entries(BENCHES)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	await bench(print);
}
process.exit(0);
