#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this far to say that it is too old.
var major = Number(process.versions.node.split('.')[0]);
if (major < 22) {
	process.stderr.write('agent-room: Node ' + process.versions.node + ' is too old: Node 22 or newer is needed (https://nodejs.org).\n');
	process.exitCode = 3;
} else {
	import('../dist/cli.js').then(
		program => program.main(process.argv.slice(2)),
		error => {
			process.stderr.write('agent-room: the program is not built (' + error.message + '). In a checkout: npm run build\n');
			process.exitCode = 3;
		},
	);
}
