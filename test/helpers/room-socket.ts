import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {Reply, Request} from '../../source/core/protocol/request.ts';
import {temporaryFolder} from './cleanup.ts';

type ReportRequest = Extract<Request, {op: 'report'}>;

/** A plain end of the room's socket for programs that report: what came in, and who answers what. */
export type RoomSocket = {
	readonly path: string;
	readonly requests: readonly ReportRequest[];
	/** Connections that the other side closed before an answer. */
	readonly hungUp: () => number;
};

/** Listens on a unix socket. `answer` gives the reply, or undefined to leave the question open; then `open` is where to answer. */
export const listenAsRoom = async (
	answer: (request: ReportRequest, reply: (reply: Reply) => void) => Reply | undefined,
): Promise<RoomSocket> => {
	const path = join(temporaryFolder('sock'), 's');
	const requests: ReportRequest[] = [];
	const sockets = new Set<Socket>();
	let hungUp = 0;
	const server = createServer(socket => {
		sockets.add(socket);
		let received = '';
		let isAnswered = false;
		const reply = (given: Reply): void => {
			isAnswered = true;
			socket.end(`${JSON.stringify(given)}\n`);
		};
		socket.setEncoding('utf8');
		socket.on('error', () => {});
		socket.on('close', () => {
			sockets.delete(socket);
			if (!isAnswered) hungUp++;
		});
		socket.on('data', (text: string) => {
			received += text;
			if (!received.includes('\n')) return;
			const request = JSON.parse(received) as ReportRequest;
			received = '';
			requests.push(request);
			const given = answer(request, reply);
			if (given) reply(given);
		});
	});
	await new Promise<void>(resolve => server.listen(path, resolve));
	onTestFinished(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return {path, requests, hungUp: () => hungUp};
};
