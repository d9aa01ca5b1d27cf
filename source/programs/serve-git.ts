import {GitRefused} from '../git/process/refused.ts';
import {runGitHere} from '../git/process/run.ts';
import type {GitAnswer, GitOrder} from '../git/process/worker.ts';

const answerTo = async ({id, folder, args, options}: GitOrder): Promise<GitAnswer> => {
	try {
		const {code, bytes, stderr} = await runGitHere(folder, args, options);
		return {id, ok: true, code, bytes, stderr};
	} catch (error) {
		const {code = 'git-failed', hint = ''} = error instanceof GitRefused ? error : {};
		return {id, ok: false, code, hint, message: error instanceof Error ? error.message : String(error)};
	}
};

/**
 * Runs git for the parent process over its channel until that closes; running commands then end cleanly. Ignores signals to the terminal's
 * process group: the room decides.
 */
export const serveGit = (channel: NodeJS.Process): Promise<number> =>
	new Promise(resolve => {
		let atWork = 0;
		let isAlone = false;
		const leave = (): void => {
			if (isAlone && atWork === 0) resolve(0);
		};
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) channel.on(signal, () => undefined);
		channel.on('message', (order: GitOrder) => {
			atWork++;
			void answerTo(order).then(answer => {
				atWork--;
				if (channel.connected) channel.send?.(answer);
				leave();
			});
		});
		channel.on('disconnect', () => {
			isAlone = true;
			leave();
		});
		channel.send?.('ready');
	});
