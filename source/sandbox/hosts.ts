/** Parses a requested `host:port`; undefined if invalid. */
export const readTarget = (text: string, otherwise: number): {readonly host: string; readonly port: number} | undefined => {
	const [, name, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(text) ?? [];
	if (name === undefined) return undefined;
	const number = port === undefined ? otherwise : Number(port);
	return number > 0 && number < 65_536 ? {host: name.toLowerCase().replace(/\.$/, ''), port: number} : undefined;
};

const WEB = [80, 443];

/**
 * Whether a target is allowed. `*.example.org` covers subdomains, not `example.org` itself; a host with a port allows only that port.
 * Matches names; an IP address must be listed exactly.
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
