import {appendFileSync, existsSync, rmSync, writeFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {withRepositoryLock} from '../../../source/git/repository-lock.ts';

/**
 * Takes the lock `times` times; inside it, creates a file that must not exist, says so in the ledger and removes it again. With
 * `forever` it keeps the lock until it is killed.
 */
const [commonDir = '', ledger = '', times = '1', mode = ''] = process.argv.slice(2);

for (let turn = 0; turn < Number(times); turn += 1) {
	await withRepositoryLock(commonDir, async () => {
		const busy = `${ledger}.busy`;
		if (mode === 'forever') {
			appendFileSync(ledger, `held ${process.pid}\n`);
			for (;;) await delay(1000);
		}
		if (existsSync(busy)) appendFileSync(ledger, `two holders ${process.pid}\n`);
		writeFileSync(busy, String(process.pid));
		await delay(1);
		if (!existsSync(busy)) appendFileSync(ledger, `two holders ${process.pid}\n`);
		appendFileSync(ledger, `turn ${process.pid}\n`);
		rmSync(busy);
	});
}
