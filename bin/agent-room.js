#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this far to say that it is too old.
var major = Number(process.versions.node.split('.')[0]);
var builtin = process.getBuiltinModule;
// What V8 made of the program is kept between calls, where a room keeps its own (source/commands/client/start.ts) and once there is one. It runs as it
// lies there, so it is read only where nobody but this user can have put it (source/os/own-folder.ts), and never beside an agent.
var findCompiled = () => {
	var env = process.env;
	var home = env.HOME && env.HOME[0] === '/' ? env.HOME + '/.local/state' : '';
	var base = (env.XDG_STATE_HOME && env.XDG_STATE_HOME[0] === '/' ? env.XDG_STATE_HOME : home) + '/agent-room';
	if (!builtin || base[0] !== '/' || base === '/agent-room' || env.AGENT_ROOM_AGENT || env.AGENT_ROOM_TOKEN) return '';
	var isOwn = (folder, forbidden) => {
		var found = builtin('fs').lstatSync(folder, {throwIfNoEntry: false});
		return Boolean(found) && found.isDirectory() && found.uid === process.getuid() && (found.mode & forbidden) === 0;
	};
	// Whoever may write into the folder around it could put another in its place.
	return isOwn(base, 0x12) && isOwn(base + '/compiled', 0x3f) ? base + '/compiled' : '';
};
var compiled = major < 22 ? '' : findCompiled();
if (major < 22) {
	process.stderr.write(
		'agent-room: Node ' +
			process.versions.node +
			' is too old: agent-room needs Node 22 or newer.\n' +
			'Get it from https://nodejs.org, or without root:\n' +
			'  npm install --global --prefix ~/.local node@24 && export PATH=~/.local/bin:$PATH\n',
	);
	process.exitCode = 3;
} else {
	if (compiled) builtin('module').enableCompileCache(compiled);
	import('../dist/cli.js').then(
		program => program.main(process.argv.slice(2)),
		error => {
			process.stderr.write('agent-room: the program is not built (' + error.message + '). In a checkout: npm run build\n');
			process.exitCode = 3;
		},
	);
}
