/** `host` and `port` that a program asks for, or undefined if they are none. */
export const readTarget = (text: string, otherwise: number): {readonly host: string; readonly port: number} | undefined => {
	const [, name, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(text) ?? [];
	if (name === undefined) return undefined;
	const number = port === undefined ? otherwise : Number(port);
	return number > 0 && number < 65_536 ? {host: name.toLowerCase().replace(/\.$/, ''), port: number} : undefined;
};

/** Ports of the web: what is allowed without a port is allowed on these. */
const WEB = [80, 443];

/**
 * Is a target among the hosts that are allowed? `*.example.org` allows what is below `example.org`, and not that itself; a host with a port allows that
 * port alone. Names only: an address is allowed where exactly it is listed.
 */
export const isAllowed = ({host, port}: {readonly host: string; readonly port: number}, allowed: readonly string[]): boolean =>
	allowed.some(entry => {
		const [name = '', only] = splitPort(entry.replace(/^\*\./, ''));
		const isHost = entry.startsWith('*.') ? host.endsWith(`.${name}`) : host === name;
		return isHost && (only === undefined ? WEB.includes(port) : port === only);
	});

const splitPort = (entry: string): readonly [name: string, port: number | undefined] => {
	const [, name = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry.toLowerCase()) ?? [];
	return [name, port === undefined ? undefined : Number(port)];
};
