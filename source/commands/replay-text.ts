import {formatAge} from '../core/age.ts';
import {LANDMARKS} from '../core/landmarks.ts';
import {formatMoment} from '../core/moment.ts';
import type {ReplayedStatusLine, ReplayLine} from '../core/output.ts';
import {eventText} from './event-text.ts';
import {plainLine} from './plain-text.ts';
import {orders, teamText} from './status-text.ts';

const SHOWN = 20;

/** The room as it was, in the table of `agent-room status`, and what had just happened. `now`: server time, epoch ms. */
export const replayedText = (status: ReplayedStatusLine, now: number): readonly string[] => {
	const {repository, moment} = status;
	const when = `${formatMoment(moment.at, now)}, ${formatAge(now - moment.at)} ago`;
	const told = status.before.map(eventText).filter(Boolean);
	return [
		plainLine(`${repository.name}@${repository.base}  as it was at ${when}  ${orders(status)}`.trimEnd()),
		plainLine(`after event ${moment.id}`),
		'',
		...teamText(status),
		...(told.length > 0 ? ['', 'JUST BEFORE', ...told.map(line => `  ${line}`)] : []),
	];
};

/** From when to when one can look back, and what happened there. */
export const rangeText = ({at, oldest, newest, entries, gone, checkpoints, happened, landmarks}: ReplayLine): readonly string[] => {
	if (!oldest || !newest)
		return [entries > 0 ? 'Nothing can be replayed before a room has written the next checkpoint.' : 'Nothing has been recorded yet.'];
	const counts = LANDMARKS.map(name => `${happened[name]} ${name}`).join(', ');
	return [
		`Any moment from ${formatMoment(oldest.at, at)} (${oldest.id}) to ${formatMoment(newest.at, at)} (${newest.id}) can be shown.`,
		`${entries} events, ${checkpoints} checkpoints: ${counts}`,
		...(gone > 0 ? [`${gone} older events are gone: about 20,000 are kept.`] : []),
		...(landmarks.length > 0 ? ['', ...landmarks.slice(-SHOWN).map(event => plainLine(`${event.id}  ${eventText(event)}`))] : []),
		'',
		'`agent-room replay --at ID` or `--at 14:03:05` shows the room as it was then.',
	];
};
