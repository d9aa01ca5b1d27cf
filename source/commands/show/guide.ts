import {spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {isOn} from '../../core/config/display-words.ts';
import {EXIT, type Invocation, isSet, packageRoot} from '../parse/command.ts';
import {plainJson} from '../parse/print.ts';
import {markdownLines} from './markdown.ts';

const FOLDER = join(packageRoot(), 'source', 'guide');
const WIDEST = 80;

/** The pages in reading order. `keys` is the live table of `agent-room help keys`. */
export const TOPICS: readonly string[] = [
	'quickstart',
	'install',
	'keys',
	'configuration',
	'agent-clis',
	'teams',
	'merging',
	'testing',
	'security',
	'redis',
	'troubleshooting',
	'survives',
	'architecture',
	'figures',
	'adding',
	'changelog',
	'llms',
];

const fileOf = (topic: string): string => join(FOLDER, `${topic}${topic === 'llms' ? '.txt' : '.md'}`);
const read = (topic: string): string => readFileSync(fileOf(topic), 'utf8');

export const isTopic = (name: string): boolean => TOPICS.includes(name) && existsSync(fileOf(name));

/** A page's purpose: the first sentence below its title. */
const aboutOf = (topic: string): string => {
	const [, paragraph = ''] = read(topic).split(/\n{2,}/);
	return /^.*?\.(?=\s|$)/.exec(paragraph.replace(/^> ?/gm, '').replaceAll('\n', ' '))?.[0] ?? '';
};

/** The variable is split by a shell, like in git. Without a pager the page is printed. */
const PAGER = `
if [ -n "\${PAGER:-}" ]; then eval "exec $PAGER"; fi
command -v less >/dev/null 2>&1 && exec less
command -v more >/dev/null 2>&1 && exec more
exec cat`;

/** Shows lines in the user's pager; resolves when it exits. */
const page = (lines: readonly string[], environment: Invocation['environment']): Promise<void> =>
	new Promise(resolve => {
		// While the pager runs ctrl+c is its own.
		const ignore = (): void => undefined;
		process.on('SIGINT', ignore);
		const child = spawn('sh', ['-c', PAGER], {
			env: {...environment, LESS: environment.LESS ?? 'FRX'},
			stdio: ['pipe', 'inherit', 'inherit'],
		});
		const over = (): void => {
			process.off('SIGINT', ignore);
			resolve();
		};
		child.once('error', over);
		child.once('close', over);
		child.stdin.on('error', ignore);
		child.stdin.end(`${lines.join('\n')}\n`);
	});

const showLines = async ({environment, print}: Invocation, lines: readonly string[]): Promise<void> => {
	const {isTTY, rows} = process.stdout;
	// An agent's pane is a terminal too, but the agent would hang in the pager.
	const isWatched = isTTY && process.stdin.isTTY && !isOn(environment.CI) && environment.TERM !== 'dumb' && !environment.AGENT_ROOM_AGENT;
	if (isWatched && lines.length >= rows) await page(lines, environment);
	else for (const line of lines) print(line);
};

/** A guide page, rendered for this terminal and paged if longer; its Markdown with `--json`. */
export const showTopic = async (invocation: Invocation, topic: string): Promise<number> => {
	const text = read(topic);
	if (isSet(invocation, 'json')) invocation.print(plainJson({topic, about: aboutOf(topic), text}));
	else {
		const {isTTY, columns} = process.stdout;
		const isColoured = isTTY && !invocation.environment.NO_COLOR && invocation.environment.TERM !== 'dumb';
		await showLines(invocation, markdownLines(text, {columns: Math.min(WIDEST, isTTY ? columns : WIDEST), isColoured}));
	}
	return EXIT.ok;
};

/** `agent-room help topics`: each page with its purpose. */
export const showTopics = async (invocation: Invocation): Promise<number> => {
	const topics = TOPICS.filter(isTopic);
	if (isSet(invocation, 'json')) for (const topic of topics) invocation.print(plainJson({topic, about: aboutOf(topic)}));
	else {
		const rows = topics.map(topic => `| ${topic} | ${aboutOf(topic)} |`);
		const text = ['# Guide', '', 'Show a page with `agent-room help TOPIC`.', '', '| | |', '|---|---|', ...rows].join('\n');
		await showLines(invocation, markdownLines(text, {columns: Math.min(WIDEST, process.stdout.columns ?? WIDEST), isColoured: false}));
	}
	return EXIT.ok;
};
