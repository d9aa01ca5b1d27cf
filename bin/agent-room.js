#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this far to say that it is too old.
var major = Number(process.versions.node.split('.')[0]);
// What V8 made of the program is kept between calls, where a room keeps its own (source/commands/client/start.ts) and once there is one.
var home = process.env.XDG_STATE_HOME;
var compiled = (home && home[0] === '/' ? home : process.env.HOME + '/.local/state') + '/agent-room/compiled';
var builtin = process.getBuiltinModule;
if (major < 22) {
	process.stderr.write('agent-room: Node ' + process.versions.node + ' is too old: Node 22 or newer is needed (https://nodejs.org).\n');
	process.exitCode = 3;
} else {
	if (builtin && builtin('fs').existsSync(compiled)) builtin('module').enableCompileCache(compiled);
	import('../dist/cli.js').then(
		program => program.main(process.argv.slice(2)),
		error => {
			process.stderr.write('agent-room: the program is not built (' + error.message + '). In a checkout: npm run build\n');
			process.exitCode = 3;
		},
	);
}
