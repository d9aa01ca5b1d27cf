/**
 * Programs in panes: `node dist/program.js test | headless | scripted`, the room's git process and its forges. Loaded on demand, so that a
 * pane only costs a Node start. No V8 compile cache: agents could write to its folder, for a quarter of the start at most.
 */

const [name = '', ...rest] = process.argv.slice(2);

const run = async (): Promise<number> => {
	switch (name) {
		case 'test': {
			const {runTest} = await import('../programs/test.ts');
			return runTest({environment: process.env, write: text => process.stdout.write(text)});
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
		case 'forge': {
			const {runForge} = await import('../programs/forge/forge.ts');
			return runForge({name: rest[0] ?? '', input: process.stdin, environment: process.env, write: text => process.stdout.write(text)});
		}
		default:
			process.stderr.write(`Unknown program \`${name.slice(0, 40)}\`: \`test\`, \`merge\` and \`scripted\` run in the room's panes.\n`);
			return 2;
	}
};

// Only after all output was flushed: the room judges a pane once it is read to the end.
process.exitCode = await run();
