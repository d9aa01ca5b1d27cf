import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {onTestFinished} from 'vitest';
import {cleanEnvironment, node} from './program.ts';
import {binFile} from './room.ts';

export type Answer = {readonly text: string; readonly isError: boolean};
export type McpClient = {
	readonly pid: number;
	tools(): Promise<Awaited<ReturnType<Client['listTools']>>['tools']>;
	call(name: string, input?: Readonly<Record<string, unknown>>, options?: Parameters<Client['callTool']>[2]): Promise<Answer>;
	instructions(): string;
	close(): Promise<void>;
};

/** The SDK's own client on a real `agent-room mcp`, with the environment of an agent. */
export const openMcp = async (environment: Readonly<Record<string, string>>): Promise<McpClient> => {
	const env = Object.fromEntries(
		Object.entries(cleanEnvironment(environment)).filter((entry): entry is [string, string] => entry[1] !== undefined),
	);
	const transport = new StdioClientTransport({command: node, args: [binFile, 'mcp'], env, stderr: 'inherit'});
	const client = new Client({name: 'test', version: '1'});
	await client.connect(transport);
	onTestFinished(() => client.close());
	return {
		pid: transport.pid ?? 0,
		tools: async () => (await client.listTools()).tools,
		call: async (name, input = {}, options) => {
			const {content, isError} = await client.callTool({name, arguments: {...input}}, undefined, options);
			const parts = content as readonly {readonly type: string; readonly text?: string}[];
			return {text: parts.map(part => part.text ?? '').join('\n'), isError: isError === true};
		},
		instructions: () => client.getInstructions() ?? '',
		close: () => client.close(),
	};
};
