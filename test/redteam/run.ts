import {execFileSync} from 'node:child_process';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {AIMS, type Aim} from './attack.ts';
import {ATTACKS} from './attacks/all.ts';
import {wrongIn} from './judge.ts';
import {attack, type Outcome} from './once.ts';

/**
 * `npm run redteam [-- --sandbox on|off|both --write --keep --folder DIR]`: a hostile agent runs the whole list in one attempt beside four that work, and
 * a judge that knows nothing of the room finds what it has done. Exit code 0: in the sandbox nothing; without one exactly what the guide says.
 * `--write` puts the result into RESULT.md.
 */
const {values} = parseArgs({
	options: {
		sandbox: {type: 'string', default: 'both'},
		write: {type: 'boolean', default: false},
		keep: {type: 'boolean', default: false},
		folder: {type: 'string', default: tmpdir()},
	},
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (text: string): never => {
	process.stderr.write(`${text}\n`);
	process.exit(3);
};
const MODES = ['on', 'off'] as const;
type Mode = (typeof MODES)[number];
if (!['on', 'off', 'both'].includes(values.sandbox)) refuse(`\`--sandbox\` is \`on\`, \`off\` or \`both\`, not \`${values.sandbox}\`.`);
if (process.platform !== 'linux') refuse('The red team looks into /proc: it runs on Linux alone.');
const modes = MODES.filter(mode => values.sandbox === mode || values.sandbox === 'both');
const root = join(import.meta.dirname, '..', '..');
const schema = execFileSync(process.execPath, [join(root, 'bin', 'agent-room.js'), 'config', 'schema'], {encoding: 'utf8', cwd: root});
const known = {sandbox: /"sandbox"/.test(schema), limits: /"limits"/.test(schema)};
if (!known.sandbox) print('This agent-room knows no `sandbox`: both modes are the same.');

const tableOf = (outcomes: ReadonlyMap<Mode, Outcome>): string => {
	const cell = (aim: Aim, mode: Mode): string => {
		const outcome = outcomes.get(mode);
		if (!outcome) return '';
		const list = ATTACKS.filter(one => one.aim === aim);
		const fell = outcome.verdict.fallen.filter(({id}) => list.some(one => one.id === id)).length;
		return fell === 0 ? `all ${list.length} stopped` : `${list.length - fell} of ${list.length} stopped`;
	};
	const rows = (Object.keys(AIMS) as Aim[]).map(aim => `| ${AIMS[aim]} | ${cell(aim, 'on')} | ${cell(aim, 'off')} |`);
	return ['| what the agent tried | in the sandbox | without one |', '|---|---|---|', ...rows].join('\n');
};

const breakOff = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => breakOff.abort());
const outcomes = new Map<Mode, Outcome>();
const sections: string[] = [];
let isAsPromised = true;
for (const mode of modes) {
	print(`sandbox ${mode}:`);
	const outcome = await attack({
		parent: values.folder,
		root,
		node: process.execPath,
		sandbox: mode,
		known,
		attacks: ATTACKS,
		print,
		signal: breakOff.signal,
	});
	outcomes.set(mode, outcome);
	const wrong = wrongIn(mode, outcome.verdict, ATTACKS);
	const {broken} = outcome.verdict;
	// Without a sandbox an agent may act as the person, who may stop, cancel and move anything: what then still holds is told, not asked for.
	const lines = [...(mode === 'on' ? broken : []), ...wrong].map(text => `- ${text}`);
	isAsPromised &&= lines.length === 0;
	const figures = `${ATTACKS.length} attacks in ${(outcome.ms / 1000).toFixed(0)} s; the room answered within ${outcome.slowestMs.toFixed(0)} ms; ${outcome.refused} refusals in the record.`;
	print(`${figures}\n${lines.join('\n') || 'as promised'}`);
	if (mode === 'on' && broken.length > 0) print(outcome.words);
	const open =
		mode === 'off' ? outcome.verdict.fallen.map(({id, how}) => `- ${id}: ${ATTACKS.find(one => one.id === id)?.title}; ${how}`) : [];
	sections.push(
		`## ${mode === 'on' ? 'In the sandbox' : 'Without a sandbox'}\n\n${figures}\n\n${lines.join('\n') || 'As promised.'}${open.length > 0 ? `\n\nNot stopped:\n\n${open.join('\n')}` : ''}`,
	);
	if (values.keep) print(`kept: ${outcome.world.folder}`);
	else rmSync(outcome.world.folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
}
print(`\n${tableOf(outcomes)}\n\n${isAsPromised ? 'as promised' : 'NOT as promised'}`);
if (values.write) {
	const commit = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], {encoding: 'utf8'}).trim();
	const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {readonly version: string}).version;
	const head = `# Red team\n\nThe last run of \`npm run redteam -- --write\`: ${new Date().toISOString().slice(0, 10)}, agent-room ${version} at ${commit}, Node ${process.version}, ${process.getuid?.() === 0 ? 'as root' : 'not as root'}.\n`;
	writeFileSync(join(import.meta.dirname, 'RESULT.md'), `${head}\n${tableOf(outcomes)}\n\n${sections.join('\n\n')}\n`);
}
process.exit(isAsPromised ? 0 : 1);
