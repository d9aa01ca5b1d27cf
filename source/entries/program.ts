/**
 * The programs that run in panes: `node dist/program.js test | merge | headless | scripted`, and the one that runs git for the room. Each is loaded
 * only when asked for, so that a pane costs a start of Node and nothing more. What V8 makes of them is not kept: they run where agents run, who could
 * write into any folder that they read it from, and it would save a quarter of a start at most.
 */

const [name = '', ...rest] = process.argv.slice(2);

const run = async (): Promise<number> => {
	switch (name) {
		case 'test': {
			const {runTest} = await import('../programs/test.ts');
			return runTest({environment: process.env, write: text => process.stdout.write(text)});
		}
		case 'merge': {
			const {runMerge} = await import('../programs/merge.ts');
			return runMerge({environment: process.env, write: text => process.stdout.write(text)});
		}
		case 'scripted': {
			const {runScripted} = await import('../programs/scripted/scripted.ts');
			return runScripted({args: rest, environment: process.env});
		}
		case 'headless': {
			const {runHeadless} = await import('../programs/headless/headless.ts');
			return runHeadless({args: rest, environment: process.env, write: text => process.stdout.write(text)});
		}
		case 'git': {
			const {serveGit} = await import('../programs/serve-git.ts');
			return serveGit(process);
		}
		default:
			process.stderr.write(`Unknown program \`${name.slice(0, 40)}\`: \`test\`, \`merge\` and \`scripted\` run in the room's panes.\n`);
			return 2;
	}
};

// The exit code is decided only after everything written has left: a pane is read to its end before the room judges.
process.exitCode = await run();
