import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {relative, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import {parseAst} from 'vite';
import {noticesOf, noticesText} from './licenses.js';

const require = createRequire(import.meta.url);

/** Names that a module of Node's exports and an `import` may name. */
const exportsOf = name => Object.keys(require(name)).filter(key => /^[a-z_$][\w$]*$/i.test(key) && key !== 'default');

/**
 * Node's own modules are required: an `import` of one asks each of its exports once, lazy ones too (`fs` loads its stream of UTF-8 for it), which
 * costs every start some milliseconds. Only the names in use are asked for, once for a bundle; a module of which none is used is left out,
 * whatever the files that were joined into it import.
 */
const builtins = {
	name: 'builtins',
	setup: ({onResolve, onLoad}) => {
		onResolve({filter: /^node:/}, ({path, kind, namespace}) =>
			kind === 'import-statement' && namespace !== 'builtin'
				? {path, namespace: 'builtin', sideEffects: false}
				: {path, external: true, sideEffects: false},
		);
		onLoad({filter: /^/, namespace: 'builtin'}, ({path}) => ({
			contents: [
				`const all = /* @__PURE__ */ require('${path}');`,
				'export default all;',
				...exportsOf(path).map(key => `const $${key} = /* @__PURE__ */ (() => all.${key})();\nexport {$${key} as ${key}};`),
			].join('\n'),
		}));
	},
};
/** Changes the text of a package's file, which must hold what is replaced. */
const changed = (path, ...changes) =>
	changes.reduce(
		(text, [from, to]) => {
			if (!text.includes(from)) throw new Error(`${path} has changed: see whether it still needs the changes of source/build.js`);
			return text.replace(from, () => to);
		},
		readFileSync(path, 'utf8'),
	);
/**
 * What the packages that draw prepare when they are loaded, or for a first text that is not ASCII, took a start 40 ms. They share one segmenter, made
 * for the first text that needs one. string-width returns the length also of a text of those characters of the frames around panels, arrows and marks
 * that are one cell each. The pattern of all emoji is compiled for the first text with a part of one: each has a character that is shown as an emoji,
 * or the selector that makes it one.
 */
const NARROW = String.raw`\u0020-\u007e\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2030-\u203b\u2190-\u22ff\u2500-\u25fc\u2713-\u2718\u2800-\u28ff`;
const SEGMENTERS = {
	'@alcalzone/ansi-tokenize/build/tokenize.js': 'new Intl.Segmenter(undefined, { granularity: "grapheme" })',
	'ink/build/line-update.js': "new Intl.Segmenter(undefined, { granularity: 'grapheme' })",
	'slice-ansi/tokenize-ansi.js': "new Intl.Segmenter(undefined, {granularity: 'grapheme'})",
	'string-width/index.js': 'new Intl.Segmenter()',
	'wrap-ansi/index.js': 'new Intl.Segmenter()',
};
const WIDTHS = [
	[
		'if (/^[\\u0020-\\u007E]*$/.test(string)) {',
		`if (/^[\\u0020-\\u007E]*$/.test(string) || (ambiguousIsNarrow && /^[${NARROW}]*$/.test(string))) {`,
	],
	[
		'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
		`let rgiEmoji;
const aPart = /\\p{Emoji_Presentation}|\\ufe0f/u;
const rgiEmojiRegex = {test: text => aPart.test(text) && (rgiEmoji ??= /^\\p{RGI_Emoji}$/v).test(text)};`,
	],
];
const late = {
	name: 'late',
	setup: ({onLoad}) => {
		const files = Object.keys(SEGMENTERS).map(file => file.replaceAll('.', String.raw`\.`));
		onLoad({filter: new RegExp(`[/\\\\]node_modules[/\\\\](?:${files.join('|').replaceAll('/', String.raw`[/\\]`)})$`)}, ({path}) => {
			const file = Object.keys(SEGMENTERS).find(name => path.replaceAll('\\', '/').endsWith(`/${name}`));
			const text = changed(path, [SEGMENTERS[file], 'graphemes'], ...(file === 'string-width/index.js' ? WIDTHS : []));
			return {contents: `import {graphemes} from ${JSON.stringify(resolve('source/ui/text/graphemes.ts'))};\n${text}`, loader: 'js'};
		});
	},
};
/**
 * These packages as ES modules, which they keep beside the form that Node takes. V8 keeps what it made of the top of a file; each function around a
 * CommonJS module it would read again at every start, and those inside it once more.
 */
const MODULES = {
	'@xterm/addon-unicode11': 'lib/addon-unicode11.mjs',
	'@xterm/headless': 'lib-headless/xterm-headless.mjs',
	yaml: 'browser/dist/index.js',
};
const asModules = {
	name: 'as-modules',
	setup: ({onLoad, onResolve}) => {
		onResolve({filter: new RegExp(`^(?:${Object.keys(MODULES).join('|')})$`)}, ({path}) => ({
			path: resolve('node_modules', path, MODULES[path]),
			sideEffects: false,
		}));
		// Node gives what a CommonJS module exports as the default.
		onLoad({filter: /[/\\]@xterm[/\\].*\.mjs$/}, ({path}) => ({
			contents: `${readFileSync(path, 'utf8')}\nimport * as all from ${JSON.stringify(path)};\nexport default all;`,
		}));
	},
};
const common = {
	bundle: true,
	metafile: true,
	minify: true,
	format: 'esm',
	platform: 'node',
	target: 'node22',
	// esbuild would rebuild such a pattern at each use, since a version of Unicode may lack a property that a literal names.
	supported: {'regexp-unicode-property-escapes': true, 'regexp-set-notation': true},
	outdir: 'dist',
	logLevel: 'warning',
	plugins: [builtins, late, asModules],
	banner: {js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"},
};
const program = {
	...common,
	splitting: true,
	chunkNames: 'chunks/[name]-[hash]',
	jsx: 'automatic',
	alias: {'react-devtools-core': './source/ui/view/no-devtools.ts', 'restore-cursor': './source/ui/view/no-restore-cursor.ts'},
	define: {'process.env.NODE_ENV': '"production"', fetch: 'undefined'},
};

/** The files of what a start at `hot` loads, for the metafile of a build. */
const loadedFrom = ({outputs}, hot) => {
	const reached = new Set(Object.keys(outputs).filter(name => hot.includes(outputs[name].entryPoint)));
	for (const name of reached)
		for (const {path, kind} of outputs[name].imports) if (kind === 'import-statement' && outputs[path]) reached.add(path);
	return new Set([...reached].flatMap(name => Object.keys(outputs[name].inputs)).filter(file => file.startsWith('source/')));
};

const importsOf = files => files.map(file => `import ${JSON.stringify(resolve(file))};`).join('');

/**
 * esbuild makes a chunk for each set of entries that share a file: a program in a hundred small ones, each of which costs a start its quarter of a
 * millisecond and more. Here all that the entries of a group load is one chunk, less what is in that of an earlier group: every entry loads it, save
 * those of earlier groups.
 *
 * To read a file without a code cache V8 takes 16 bytes for each of its characters, which a room then keeps. A group is therefore cut into layers:
 * what lies in their folders, with all that it imports and less what is in an earlier one, is a chunk of its own.
 */
const buildTogether = async (options, ...groups) => {
	const {metafile} = await build({...options, write: false});
	const entries = new Set(Object.values(metafile.outputs).flatMap(({entryPoint}) => entryPoint ?? []));
	const loaded = groups.map(({hot}) => loadedFrom(metafile, hot));
	const own = loaded.map((files, at) =>
		[...files].filter(file => !entries.has(file) && !loaded.slice(0, at).some(earlier => earlier.has(file))),
	);
	const together = own.map(importsOf);
	// An entry for each layer that nothing else is in makes esbuild cut there; it has all that comes before, so that none is cut by another.
	const layers = groups.flatMap(({layers: folders = []}, group) =>
		folders.map((_, at) => {
			const isAbove = file => folders.slice(0, at + 1).some(folder => file.startsWith(`${folder}/`));
			return [...own.slice(0, group).flat(), ...own[group].filter(isAbove)];
		}),
	);
	const loadedBy = file => {
		const own = loaded.findIndex(files => files.has(file));
		return [...groups.keys()].slice(0, own < 0 ? groups.length : own + 1);
	};
	const oneChunk = {
		name: 'one-chunk',
		setup: ({onLoad, onResolve}) => {
			onResolve({filter: /^(?:together|layer)-\d+$/}, ({path}) => ({path, namespace: 'together'}));
			onLoad({filter: /^/, namespace: 'together'}, ({path}) => {
				const [what, at] = path.split('-');
				return {contents: what === 'layer' ? importsOf(layers[at]) : together[at], resolveDir: '.'};
			});
			onLoad({filter: /\.tsx?$/}, ({path}) => {
				const file = relative('.', path);
				if (!entries.has(file)) return undefined;
				const loads = loadedBy(file).map(group => `import 'together-${group}';\n`);
				return {contents: `${readFileSync(path, 'utf8')}\n${loads.join('')}`, loader: path.endsWith('x') ? 'tsx' : 'ts'};
			});
		},
	};
	const cuts = Object.fromEntries(layers.map((_, at) => [`chunks/layer-${at}`, `layer-${at}`]));
	const result = await build({...options, entryPoints: {...options.entryPoints, ...cuts}, plugins: [...options.plugins, oneChunk]});
	// Their entries were there for esbuild alone.
	for (const name of Object.keys(cuts)) delete result.metafile.outputs[`${options.outdir}/${name}.js`];
	return result;
};

// Nothing is kept of a program that is half built.
rmSync('dist/id.txt', {force: true});
const results = await Promise.all([
	buildTogether(
		{...program, entryPoints: {cli: 'source/entries/cli.ts'}},
		{hot: ['source/entries/cli.ts', 'source/commands/client/client.ts']},
	),
	build({...program, entryPoints: {program: 'source/entries/program.ts'}}),
	// Apart: it would share its code with every command. What its start loads, and then what every room loads to draw.
	buildTogether(
		{...program, entryPoints: {room: 'source/entries/room.ts'}},
		{hot: ['source/entries/room.ts'], layers: ['source/core', 'source/redis', 'source/terminal']},
		{hot: ['source/ui/view/view.ts'], layers: ['source/ui/parts']},
	),
	build({
		...common,
		entryPoints: {forward: 'source/entries/forward.ts', hook: 'source/entries/hook.ts', report: 'source/entries/report.ts'},
	}),
]);

/**
 * Puts in parentheses what runs once a CommonJS module is asked for: the function that esbuild makes of it, and one that it exports. V8 then compiles
 * these with their file and keeps them in its cache, where it would read each again at every start.
 */
const eagerly = text => {
	const isFunction = ({type}) => type === 'ArrowFunctionExpression' || type === 'FunctionExpression';
	const isExport = ({type, left, right}) =>
		type === 'AssignmentExpression' && left.property?.name === 'exports' && right.type === 'FunctionExpression';
	const modules = parseAst(text)
		.body.flatMap(({type, declarations}) => (type === 'VariableDeclaration' ? declarations : []))
		.flatMap(({init}) => (init?.type === 'CallExpression' && init.arguments.length === 1 ? init.arguments.filter(isFunction) : []));
	const exported = modules
		.flatMap(({body}) => (body.type === 'BlockStatement' ? body.body : []))
		.flatMap(({expression}) => expression?.expressions ?? expression ?? [])
		.flatMap(expression => (isExport(expression) ? expression.right : []));
	const edges = [...modules, ...exported].flatMap(({start, end}) => [
		[start, '('],
		[end, ')'],
	]);
	let [result, at] = ['', 0];
	for (const [edge, parenthesis] of edges.toSorted(([left], [right]) => left - right)) {
		result += text.slice(at, edge) + parenthesis;
		at = edge;
	}
	return result + text.slice(at);
};

const metafiles = results.map(({metafile}) => metafile);
/**
 * Only patterns hold anything but ASCII, which esbuild leaves as it is there. One such character makes V8 keep a whole file in two bytes each, and Node
 * decode it: 6 MB of an idle room. In a pattern an escape means the same.
 */
for (const file of new Set(metafiles.flatMap(({outputs}) => Object.keys(outputs)))) {
	const text = readFileSync(file, 'utf8');
	if (/String\.raw`[^`]*[^\0-\x7f]/.test(text)) throw new Error(`${file}: a raw text holds more than ASCII`);
	const escaped = text.replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
	writeFileSync(file, eagerly(escaped));
}
// Chunks of earlier builds: a room copies the whole program when it starts. One that runs does so from a copy of its own.
const written = new Set(metafiles.flatMap(({outputs}) => Object.keys(outputs)));
for (const name of readdirSync('dist/chunks')) if (!written.has(`dist/chunks/${name}`)) rmSync(`dist/chunks/${name}`);
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
	// The library for Redis: a start would have to put it together from all files of Lua.
	const maker = resolve(cache, 'library.mjs');
	await build({entryPoints: ['source/redis/scripts/table.ts'], outfile: maker, bundle: true, platform: 'node', format: 'esm'});
	writeFileSync('dist/library.lua', (await import(pathToFileURL(maker))).makeLibrary().text);
	// What a start would have to read a hundred files for: which state of the program this is. The entries name their chunks by content.
	const hash = createHash('sha256');
	const scripts = readdirSync('lua', {recursive: true}).map(file => `lua/${file}`);
	const entries = readdirSync('dist').map(file => `dist/${file}`);
	for (const file of ['package.json', 'bin/agent-room.js', ...entries, ...scripts].toSorted())
		if (/\.(?:js|json|lua)$/.test(file)) hash.update(`${file}\0`).update(readFileSync(file));
	writeFileSync('dist/id.txt', hash.digest('hex').slice(0, 12));
}
