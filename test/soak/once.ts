import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {createRepository} from './git-lines.ts';
import {judge, judgeSeed, readEvidence, type Verdict} from './judge.ts';
import {filesOf, type Plan} from './plan.ts';

export type Outcome = {readonly plan: Plan; readonly seconds: number; readonly verdict: Verdict};

/** The package's own Node, which reads TypeScript, whatever the caller runs on. */
const node = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'node');

const start = (name: string, args: readonly string[]): ChildProcess =>
	fork(join(import.meta.dirname, name), args, {execPath: node, stdio: ['ignore', 'inherit', 'inherit', 'ipc']});

const message = async (child: ChildProcess): Promise<void> => {
	const told = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)]);
	if (!told) throw new Error('the driver of the chaos has ended before the run');
};

/** One run of one design in an empty folder, judged from what it left there. Broken off, it ends what it started and throws. */
export const runOnce = async (plan: Plan, breakOff?: AbortSignal): Promise<Outcome> => {
	const files = filesOf(plan.folder);
	mkdirSync(files.scratch, {recursive: true});
	await createRepository(files.repository);
	const began = performance.now();
	const chaos = start('chaos.ts', [JSON.stringify(plan)]);
	const recorder = start('recorder.ts', [files.redis, 'workflow:events', files.stream]);
	const ended = once(chaos, 'exit');
	// Its parent's leaving is the driver's order to end all that it has started.
	const leave = (): void => void (chaos.connected && chaos.disconnect());
	breakOff?.addEventListener('abort', leave);
	try {
		await message(chaos);
		const seconds = (performance.now() - began) / 1000;
		const recorded = once(recorder, 'exit');
		recorder.send('end');
		await recorded;
		chaos.send('end');
		await ended;
		const evidence = readEvidence(files);
		return {plan, seconds, verdict: plan.design === 'seed' ? judgeSeed(evidence) : judge(evidence)};
	} finally {
		recorder.kill('SIGKILL');
		leave();
		await ended;
	}
};
