import {agentName} from '../../core/agent/agent.ts';
import type {Drawing} from '../draw/context.ts';
import {keyLabel, keyOf} from '../keymap/keymap.ts';
import {age} from '../model/time.ts';
import type {Toast} from '../state/state.ts';
import {cut, fill, type Line, said, span, widthOf, wrap} from '../text/text.ts';

/** The address, in short: host and port, or the socket's name. */
const placeOf = (address: string): string => {
	const bare = said(address).replace(/^rediss?:\/\/|^unix:/, '');
	return bare.startsWith('/') ? (bare.split('/').at(-1) ?? bare) : bare.replace(/\/$/, '');
};

/** The cause, as a code if there is one (`ECONNREFUSED`), else as reported. */
const causeOf = (problem: string): string => /\bE[A-Z]{4,}\b/.exec(problem)?.[0] ?? cut(said(problem), 60);

/**
 * A lost Redis in `columns` cells: since when, where, why, what still works, how old the data is, the next retry, and the key to retry now.
 */
export const redisLost = ({snapshot, now, keymap, isAscii}: Drawing, columns: number): Line => {
	const {address, lostAt, problem, retryAt} = snapshot.redis;
	const since = age(now - lostAt);
	const key = keyOf(keymap, 'retry', isAscii);
	const waits = Math.ceil((retryAt - now) / 1000) * 1000;
	const next = waits > 0 ? `retrying in ${age(waits)} · ${key} now` : `retrying now · ${key} retries`;
	const cause = causeOf(problem);
	const place = [placeOf(address), cause].filter(Boolean).join(', ');
	const ends = [` ${next}`, ` ${key} retries`];
	const sentences = [
		` ✗ Redis disconnected ${since} ago (${place}). Agents keep running; queue and locks are frozen, values are ${since} old.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago (${place}). Agents keep running, values are ${since} old.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago${cause && !cause.includes(' ') ? ` (${cause})` : ''}: agents keep running.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago: agents keep running.${ends[1]}`,
		` ✗ Redis disconnected ${since} ago.${ends[1]}`,
	];
	return [span(sentences.find(text => widthOf(text) <= columns) ?? cut(sentences.at(-1) ?? '', columns), 'danger')];
};

export const toastLines = ({text, isBad}: Toast, columns: number, rows: number): readonly Line[] => {
	const told = wrap(text, columns - 4, rows);
	return Array.from({length: rows}, (_, row): Line => {
		const lead = row > 0 ? '   ' : ` ${isBad ? '!' : '✓'} `;
		return fill([span(`${lead}${told[row] ?? ''}`, isBad ? 'warning' : 'good')], columns);
	});
};

/** Text of a terminal that is too small: the sizes, and where keys go while typing into a hidden pane. */
export const refusedWords = ({layout, state, keymap, isAscii}: Drawing): readonly string[] => {
	const {columns, rows} = layout;
	const sizes = [`Terminal is ${columns}x${rows}.`, 'agent-room needs 40x10.'];
	// Two rows if one would cut the numbers.
	const words = rows > 1 && sizes.join(' ').length > columns ? sizes : [sizes.join(' ')];
	if (!state.typing || rows <= words.length) return words;
	return [...words, cut(`TYPE ${agentName(state.typing)}: ${keyLabel(keymap.leader, isAscii)} room`, columns)];
};
