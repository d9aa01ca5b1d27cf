const two = (part: number): string => String(part).padStart(2, '0');

/** `14:32:07` on this machine's clock. */
export const clockSeconds = (at: number): string => {
	const date = new Date(at);
	return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
};

/** `11-28` on this machine's calendar. */
export const dayOf = (at: number): string => {
	const date = new Date(at);
	return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** The time of day, after the day where it is not that of `now`. */
export const momentText = (at: number, now: number): string =>
	dayOf(at) === dayOf(now) ? clockSeconds(at) : `${dayOf(at)} ${clockSeconds(at)}`;
