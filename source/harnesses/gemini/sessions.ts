import {field, textField} from '../shared/fields.ts';
import {asTitle, type SessionStore, wholeLines} from '../shared/sessions.ts';

/** A prompt is a text, or parts of one. */
const promptOf = (content: unknown): string => {
	if (typeof content === 'string') return asTitle(content);
	return Array.isArray(content) ? asTitle(content.map(part => textField(part, 'text') ?? '').join(' ')) : '';
};

/** Gemini's sessions: `tmp/<project>/chats/session-<time>-<beginning of its id>.jsonl`; the project's folder names its root. */
export const sessions: SessionStore = {
	variable: 'GEMINI_CLI_HOME',
	inVariable: '.gemini',
	below: '.gemini',
	inside: 'tmp',
	depth: 2,
	cwdFile: '../.project_root',
	idOf: name => /^session-[0-9T-]+-([0-9a-f]{8})\.jsonl$/.exec(name)?.[1],
	read: given => {
		const lines = wholeLines(given);
		const prompts = lines.flatMap(line => (line.type === 'user' ? [promptOf(line.content)] : []));
		const isSubagent = lines.some(line => field(line, 'kind') === 'subagent');
		const summary = asTitle(lines.findLast(line => typeof line.summary === 'string')?.summary);
		return {cwd: isSubagent ? '-' : '', title: summary || prompts.find(Boolean) || ''};
	},
};
