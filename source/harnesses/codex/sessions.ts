import {field, textField} from '../shared/fields.ts';
import {asTitle, idIn, type SessionStore, wholeLines} from '../shared/sessions.ts';
import {readTranscript} from './transcript.ts';

const isText = (part: unknown): boolean => field(part, 'type') === 'input_text';

/** Codex's sessions: `sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`, with the folder in the first line. */
export const sessions: SessionStore = {
	variable: 'CODEX_HOME',
	below: '.codex',
	inside: 'sessions',
	depth: 3,
	idOf: idIn('rollout-[0-9T-]+-'),
	read: given => {
		const lines = wholeLines(given);
		const cwd = textField(lines.find(({type}) => type === 'session_meta')?.payload, 'cwd') ?? '';
		const prompts = lines.flatMap(({payload}) => {
			if (textField(payload, 'type') !== 'message' || textField(payload, 'role') !== 'user') return [];
			const content = field(payload, 'content');
			return Array.isArray(content) ? content.filter(isText).map(part => asTitle(field(part, 'text'))) : [];
		});
		const used = given.flatMap(readTranscript).findLast(({usage}) => usage?.isTotal === true)?.usage;
		return {cwd, title: prompts.find(Boolean) ?? '', ...(used ? {used} : {})};
	},
};
