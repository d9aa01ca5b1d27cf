import {hostLines, isThere, runsText, stateText} from '../../core/protocol/hosts.ts';
import type {HostsPage} from '../../core/protocol/output-schema.ts';
import {formatAge} from '../../core/text/format.ts';
import {askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {EXIT, type Invocation, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson, tableText} from '../parse/print.ts';

const read = (invocation: Invocation): Promise<HostsPage> => {
	const viaRoom = async (): Promise<HostsPage | undefined> =>
		(await askIfRunning(invocation, {op: 'hosts'}))?.data as HostsPage | undefined;
	return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
		const {now, rooms, leader} = await coordination.rooms();
		return {at: now, hosts: [...hostLines(rooms, (await coordination.snapshot()).team, {now, leader})]};
	});
};

const gigabytes = (bytes: number): string => (bytes > 0 ? `${(bytes / 2 ** 30).toFixed(1)} GB free` : '');

/** A team as lines: each machine's room, its load, and since when it gave no heartbeat. */
export const hostsText = ({hosts, at}: HostsPage): readonly string[] =>
	tableText(
		[
			['HOST', 'STATE', 'AGENTS', 'LOAD', 'MEMORY', 'LAST HEARTBEAT', 'VERSION', 'RUNS'],
			...hosts.map(host => [
				host.host,
				stateText(host),
				isThere(host) ? `${host.working} of ${host.agents} running` : '',
				host.beatAt > 0 ? `${host.load}%` : '',
				gigabytes(host.memory),
				host.beatAt > 0 ? `${formatAge(at - host.beatAt)} ago` : '',
				host.version,
				runsText(host),
			]),
		],
		100,
	);

/** `agent-room hosts`: the machines of the team, including lost ones. */
export const hosts: RunCommand = async invocation => {
	const page = await read(invocation);
	if (isSet(invocation, 'json')) for (const host of page.hosts) invocation.print(plainJson(host));
	else if (page.hosts.length === 0) invocation.print('No room has joined yet: `agent-room` opens one.');
	else for (const line of hostsText(page)) invocation.print(line);
	return EXIT.ok;
};
