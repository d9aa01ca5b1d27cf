import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

/*
 * By hand, from esbuild's own list of what it bundled. The one plugin of esbuild for it (esbuild-plugin-license) lists every file that was looked at,
 * keeps one version of each package and is silent where a license is missing; other tools list what is installed, not what is bundled.
 */

/** Licenses that ask for their notice and no more. Any other is for a person to read first. */
const ALLOWED = new Set([
	'0BSD',
	'Apache-2.0',
	'BlueOak-1.0.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	// Of a list of names that meow carries with it; asks to be named with its address, which source/licenses does.
	'CC-BY-3.0',
	'CC0-1.0',
	'ISC',
	'MIT',
	'Python-2.0',
]);

/** Between two packages in the list; `agent-room licenses --json` parts them by it. */
const RULE = '='.repeat(80);

const LICENSE_FILE = /^(?:un)?licen[cs]es?(?![a-z])|^copying(?![a-z])/i;
const NOTICE_FILE = /^(?:notices?|copyright|patents)(?![a-z])|third.?party/i;
const CODE = /\.([cm]?[jt]sx?|json|map)$/i;
/** Our own files, and those that the plugin of source/build.js makes. */
const OWN = /^source\/|^package\.json$|^builtin:/;
const PACKAGE = /^(.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+))\//;

const ADDED = 'source/licenses';
const fileName = name => name.replace('/', '+');
const byCode = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** The folders of packages of which the bundles hold some code, each with its files, and files that belong to none; from the metafiles of esbuild. */
const bundledOf = metafiles => {
	const packages = new Map();
	const unknown = [];
	for (const {outputs} of metafiles)
		for (const {inputs} of Object.values(outputs))
			for (const [path, {bytesInOutput}] of Object.entries(inputs)) {
				const [, folder] = PACKAGE.exec(path) ?? [];
				if (folder === undefined && !OWN.test(path)) unknown.push(path);
				if (folder === undefined || bytesInOutput === 0) continue;
				if (!packages.has(folder)) packages.set(folder, new Set());
				packages.get(folder).add(path);
			}
	return {packages, unknown};
};

/** Texts of a package: those at its top, and those beside the files that are bundled, where it names what it carries itself. */
const textsOf = (root, folder, files) => {
	const folders = new Set([folder]);
	for (const file of files) for (let at = dirname(file); at.length > folder.length; at = dirname(at)) folders.add(at);
	return [...folders].sort(byCode).flatMap(at =>
		readdirSync(join(root, at), {withFileTypes: true})
			.filter(entry => entry.isFile() && !CODE.test(entry.name) && (LICENSE_FILE.test(entry.name) || NOTICE_FILE.test(entry.name)))
			.map(({name}) => ({
				file: join(at, name).slice(folder.length + 1),
				isLicense: at === folder && LICENSE_FILE.test(name),
				text: readFileSync(join(root, at, name), 'utf8'),
			}))
			.sort((one, other) => byCode(one.file, other.file)),
	);
};

const clean = text =>
	text
		.replace(/^\uFEFF/, '')
		.replace(/[ \t\r]+$/gm, '')
		.replace(/^\n+|\n+$/g, '');
const licenseOf = ({license}) => license?.type ?? license ?? 'unknown';
/** The name alone: an address of a person belongs to the package, not into every copy of this program. */
const authorOf = ({author}) => (author?.name ?? author ?? '').split(/[<(]/)[0].trim();
const sourceOf = ({repository, homepage}) =>
	(repository?.url ?? repository ?? homepage ?? '')
		.replace(/^git\+/, '')
		.replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, 'https://github.com/$1')
		.replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/')
		.replace(/^git:/, 'https:')
		.replace(/\.git$/, '');

/** What source/licenses adds to a package: the license of its repository where it comes without, and what else must be said. */
const addedTo = (root, name) =>
	[
		{ending: '.txt', file: 'LICENSE of its repository', isLicense: true},
		{ending: '.notice.txt', file: 'Further notices', isLicense: false},
	].flatMap(({ending, file, isLicense}) => {
		const path = join(root, ADDED, `${fileName(name)}${ending}`);
		return existsSync(path) ? [{file, isLicense, text: readFileSync(path, 'utf8')}] : [];
	});

/** What the bundles owe to others: a notice for each package, in order, and a sentence for each that has no text or a license that is not allowed. */
export const noticesOf = (metafiles, root) => {
	const {packages, unknown} = bundledOf(metafiles);
	const problems = unknown.map(
		path => `\`${path}\` is bundled and belongs to no package: where it is ours, add it to OWN in source/licenses.js.`,
	);
	const notices = new Map();
	for (const [folder, files] of packages) {
		const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
		const {name, version} = manifest;
		const title = `${name} ${version}`;
		const license = licenseOf(manifest);
		const texts = [...textsOf(root, folder, files), ...addedTo(root, name)]
			.map(part => ({...part, text: clean(part.text)}))
			.filter(({text}) => text !== '');
		if (!texts.some(({isLicense}) => isLicense))
			problems.push(
				`${title} is bundled and comes without its license: put the one of its repository into ${ADDED}/${fileName(name)}.txt.`,
			);
		if (texts.some(({text}) => text.split('\n').includes(RULE)))
			problems.push(`${title} has the line in its texts that stands between packages: change RULE in source/licenses.js.`);
		// A package that has bundled others itself lists them with such lines.
		const inside = texts.flatMap(({text}) => [...text.matchAll(/^License: (.+)$/gm)].map(([, one]) => one));
		for (const one of new Set([license, ...inside]))
			if (!ALLOWED.has(one))
				problems.push(
					`${title} is bundled under \`${one}\`: read that license, then add it to ALLOWED in source/licenses.js, or go without.`,
				);
		const text = texts.map(part => `${part.file}:\n\n${part.text}`).join('\n\n');
		notices.set(title, {name, version, license, author: authorOf(manifest), source: sourceOf(manifest), text});
	}
	const ordered = [...notices.values()].sort((one, other) => byCode(one.name, other.name) || byCode(one.version, other.version));
	return {notices: ordered, problems};
};

/** The list as `dist/licenses.txt` holds it and `agent-room licenses` prints it. `besides` are packages that are installed, not bundled. */
export const noticesText = (notices, besides) => {
	const head = `The program in this folder holds code of the packages below, each under its own license.
Not in it, but installed beside it with a license of its own: ${besides.join(', ')}.`;
	const entries = notices.map(({name, version, license, author, source, text}) => {
		const lines = [`${name} ${version}`, `License: ${license}`, author && `Author: ${author}`, source && `Source: ${source}`];
		return `${lines.filter(Boolean).join('\n')}\n\n${text}`;
	});
	return `${[head, ...entries].join(`\n\n${RULE}\n`)}\n`;
};
