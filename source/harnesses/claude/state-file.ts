import type {Reading, SessionState} from '../../core/session.ts';
import {countField, lookUp, parseObject, textField} from '../fields.ts';

const STATES: Readonly<Record<string, SessionState>> = {busy: 'working', idle: 'idle', waiting: 'asks'};

/** Where Claude Code keeps what it does at every moment; it alone tells of a turn that was interrupted. */
export const path = (environment: Readonly<Record<string, string>>, pid: number): string =>
	`${environment.CLAUDE_CONFIG_DIR || `${environment.HOME ?? ''}/.claude`}/sessions/${pid}.json`;

/** What the file says; as long as it stands at its first word, from the start on, it says nothing. */
export const read = (text: string): readonly Reading[] => {
	const told = parseObject(text);
	const status = textField(told, 'status');
	const session = textField(told, 'sessionId');
	const state = lookUp(STATES, status);
	if (state === undefined || session === undefined) return [];
	if (state === 'idle' && (countField(told, 'statusUpdatedAt') ?? 0) <= (countField(told, 'startedAt') ?? 0)) return [];
	const waits = textField(told, 'waitingFor');
	return [{source: 'stream', sign: `session file ${status}${waits === undefined ? '' : `, ${waits}`}`.slice(0, 120), session, state}];
};
