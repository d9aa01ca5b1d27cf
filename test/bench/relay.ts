import {spawn} from 'node:child_process';
import {connect, createServer} from 'node:net';
import process from 'node:process';
import {startProcess} from '../../source/pty/process.ts';
import {ECHO_COMMAND} from './streams.ts';

// `node relay.ts SOCKET`: the way of a key through a room without the room: one process on the terminal, a socket, one that has the pane, and
// both only copy. What it takes is the floor of any program made so.
const [, file = '', socketPath = '', role] = process.argv;
const env = {PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? ''};

if (role === 'room') {
	createServer(connection => {
		const pane = startProcess({command: ECHO_COMMAND, cwd: '/', env, columns: 80, rows: 24, marker: ['AGENT_ROOM_BENCH', '1']});
		pane.onData(bytes => void connection.write(bytes));
		connection.on('data', bytes => void pane.write(bytes));
		connection.on('close', () => process.exit(0));
	}).listen(socketPath, () => process.stdout.write('listening\n'));
} else {
	const room = spawn(process.execPath, [file, socketPath, 'room'], {stdio: ['ignore', 'pipe', 'inherit']});
	room.stdout.once('data', () => {
		const socket = connect(socketPath);
		socket.on('data', bytes => void process.stdout.write(bytes));
		socket.on('close', () => process.exit(0));
		process.stdin.setRawMode(true).on('data', bytes => void socket.write(bytes));
	});
}
