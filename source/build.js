import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {build} from 'esbuild';
import {noticesOf, noticesText} from './licenses.js';

/**
 * Node's own modules are required: an `import` of one asks each of its exports once, lazy ones too (`fs` loads its stream of UTF-8 for it), which
 * costs every start some milliseconds. One of which a bundle uses nothing is left out, whatever the files that were joined into it import.
 */
const builtins = {
	name: 'builtins',
	setup: ({onResolve, onLoad}) => {
		onResolve({filter: /^node:/}, ({path, namespace}) =>
			namespace === 'builtin' ? {path, external: true} : {path, namespace: 'builtin', sideEffects: false},
		);
		onLoad({filter: /^/, namespace: 'builtin'}, ({path}) => ({contents: `module.exports = require('${path}');`}));
	},
};
const common = {
	bundle: true,
	metafile: true,
	minify: true,
	format: 'esm',
	platform: 'node',
	target: 'node22',
	outdir: 'dist',
	logLevel: 'warning',
	plugins: [builtins],
	banner: {js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"},
};
const program = {
	...common,
	splitting: true,
	chunkNames: 'chunks/[name]-[hash]',
	jsx: 'automatic',
	external: ['node-pty'],
	alias: {'react-devtools-core': './source/ui/view/no-devtools.ts', 'restore-cursor': './source/ui/view/no-restore-cursor.ts'},
	define: {'process.env.NODE_ENV': '"production"', fetch: 'undefined'},
};

const results = await Promise.all([
	build({...program, entryPoints: {cli: 'source/entries/cli.ts', program: 'source/entries/program.ts'}}),
	// Apart: it would share its code with every command in a hundred small files, which take 40 ms longer to load than three large ones.
	build({...program, entryPoints: {room: 'source/entries/room.ts'}}),
	build({
		...common,
		entryPoints: {forward: 'source/entries/forward.ts', hook: 'source/entries/hook.ts', report: 'source/entries/report.ts'},
	}),
]);

const metafiles = results.map(({metafile}) => metafile);
// For the test that holds the list of licenses against what esbuild says; no part of the package.
const cache = 'node_modules/.cache/agent-room';
mkdirSync(cache, {recursive: true});
writeFileSync(`${cache}/metafiles.json`, JSON.stringify(metafiles));

const {notices, problems} = noticesOf(metafiles, '.');
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else {
	const {dependencies} = JSON.parse(readFileSync('package.json', 'utf8'));
	writeFileSync('dist/licenses.txt', noticesText(notices, Object.keys(dependencies)));
}
