import {field, parseObject, textField} from '../shared/fields.ts';
import {asTitle, idIn, type SessionStore, wholeLines} from '../shared/sessions.ts';
import {microsOf} from './transcript.ts';

/** Claude's sessions: `projects/<folder>/<id>.jsonl`. A title that Claude or the person gave it is better than its first prompt. */
export const sessions: SessionStore = {
	variable: 'CLAUDE_CONFIG_DIR',
	below: '.claude',
	inside: 'projects',
	depth: 1,
	idOf: idIn(''),
	read: given => {
		const lines = wholeLines(given);
		const named = (type: string, name: string): string =>
			asTitle(lines.findLast(line => line.type === type && typeof line[name] === 'string')?.[name]);
		const prompts = lines.flatMap(line => (line.type === 'user' && line.isMeta !== true ? [asTitle(field(line.message, 'content'))] : []));
		const cwd = lines.map(line => textField(line, 'cwd')).find(Boolean) ?? '';
		const title =
			named('custom-title', 'customTitle') || named('ai-title', 'aiTitle') || prompts.find(Boolean) || named('last-prompt', 'lastPrompt');
		const micros = microsOf(lines.findLast(({type}) => type === 'cost-state')?.totalCostUSD);
		return {cwd, title, ...(micros > 0 ? {used: {micros, tokensIn: 0, tokensOut: 0, isTotal: true}} : {})};
	},
	running: {
		inside: 'sessions',
		read: text => {
			const told = parseObject(text);
			const id = textField(told, 'sessionId');
			const pid = field(told, 'pid');
			return id !== undefined && typeof pid === 'number' ? {id, pid} : undefined;
		},
	},
};
